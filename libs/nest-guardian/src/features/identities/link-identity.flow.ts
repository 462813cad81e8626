import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import { type AssuredNeeds, requireAssuredCaller } from '../../steps/require-assured-caller.js';
import { type StartNeeds, startAtIdp } from '../oauth/start-at-idp.js';
import { identitiesConditions, type linkIdentity as operation } from './identities.contract.js';
import type { IdentitiesSettings } from './identities.options.js';

type Needs = StartNeeds &
  AssuredNeeds & {
    readonly settings: StartNeeds['settings'] &
      AssuredNeeds['settings'] & { readonly identities: IdentitiesSettings };
  };

export const linkIdentity: Flow<typeof operation, Needs> = async (input, needs) => {
  const { user } = await requireAssuredCaller(needs);
  if (!needs.settings.identities.manualLinking) deny(identitiesConditions.manualLinkingDisabled);
  const { location, cookies } = await startAtIdp(input, user.id, needs);
  return { url: location, cookies };
};
