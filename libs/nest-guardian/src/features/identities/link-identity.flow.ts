import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireCaller } from '../../steps/require-caller.js';
import { authorize } from '../oauth/no-idp.flow.js';
import { identitiesConditions, linkIdentity as operation } from './identities.contract.js';
import type { IdentitiesSettings } from './identities.options.js';

type Needs = Pick<LocalNeeds, 'users' | 'principal' | 'clock'> & {
  readonly settings: { readonly identities: IdentitiesSettings };
};

export const linkIdentity: Flow<typeof operation, Needs> = async (input, needs) => {
  await requireCaller(needs);
  if (!needs.settings.identities.manualLinking) deny(identitiesConditions.manualLinkingDisabled);
  // The same as for whoever signs in: there is nowhere to send the browser to.
  const { location } = await authorize(input, {});
  return { url: location };
};
