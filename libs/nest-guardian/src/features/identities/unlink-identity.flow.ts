import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import type { Flow } from '../../core/flow.js';
import type { Identity, User } from '../../core/records.js';
import { isUuid } from '../../core/uuid.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { noteProviders } from '../../steps/note-providers.js';
import { type AssuredNeeds, requireAssuredCaller } from '../../steps/require-assured-caller.js';
import { identitiesConditions, unlinkIdentity as operation } from './identities.contract.js';
import type { IdentitiesSettings } from './identities.options.js';
import { type MoveNeeds, moveEmail } from './move-email.js';

type Needs = MoveNeeds &
  AssuredNeeds &
  Pick<LocalNeeds, 'users' | 'secrets' | 'audit' | 'principal' | 'caller' | 'clock'> & {
    readonly settings: { readonly identities: IdentitiesSettings };
  };

export const unlinkIdentity: Flow<typeof operation, Needs> = async ({ identity_id }, needs) => {
  const { user: caller } = await requireAssuredCaller(needs);
  if (!needs.settings.identities.manualLinking) deny(identitiesConditions.manualLinkingDisabled);
  if (!isUuid(identity_id)) deny(identitiesConditions.identityIdNotUuid);
  requireOwnAudience(needs);
  // Race: of two that take one away at once, the later sees what the earlier has left.
  const user = (await needs.users.hold(caller.id)) ?? deny(common.userOfTokenNotFound);
  const identity = requireDeletable(user, identity_id.toLowerCase());
  await note(user, identity, needs);
  await needs.users.deleteIdentity(identity);
  await (identity.provider === 'phone' ? forgetPhone(user, needs) : moveEmail(user, identity, needs));
  await noteProviders(user.id, needs);
  return {};
};

/** GoTrue: an `X-JWT-AUD` header may repeat the token's audience, not choose another. Elsewhere it says so otherwise. */
function requireOwnAudience({ caller, principal }: Pick<LocalNeeds, 'caller' | 'principal'>): void {
  if (caller.audience !== null && caller.audience !== principal.audience)
    deny(identitiesConditions.unexpectedAudience);
}

/** GoTrue: whoever has one only hears that first, whosever the named one is. */
function requireDeletable({ identities }: User, identityId: string): Identity {
  if (identities.length <= 1) deny(identitiesConditions.singleIdentityNotDeletable);
  const identity = identities.find(({ id }) => id === identityId);
  return identity ?? deny(identitiesConditions.identityNotFound);
}

const note = (
  actor: User,
  { id, provider, providerId }: Identity,
  { audit, caller, clock }: Needs,
): Promise<void> =>
  audit.record({
    actor,
    action: 'identity_unlinked',
    logType: 'user',
    traits: { identity_id: id, provider, provider_id: providerId },
    ip: caller.address,
    at: clock.now(),
  });

/** What was sent to the number opens nothing any more. */
async function forgetPhone({ id }: User, { users, secrets, clock }: Needs): Promise<void> {
  await secrets.clear(id);
  await users.update(id, { phone: null, phoneConfirmedAt: null }, clock.now());
}
