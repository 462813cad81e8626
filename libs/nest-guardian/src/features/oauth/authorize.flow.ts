import type { Flow } from '../../core/flow.js';
import type { authorize as operation } from './oauth.contract.js';
import { type StartNeeds, startAtIdp } from './start-at-idp.js';

export const authorize: Flow<typeof operation, StartNeeds> = (input, needs) => startAtIdp(input, null, needs);
