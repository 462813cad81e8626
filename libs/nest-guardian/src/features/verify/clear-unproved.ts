import { sessionsEnded } from '../../core/event.js';
import type { Metadata, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import type { LinksSettings } from '../links/links.options.js';

export type ClearNeeds = Pick<LocalNeeds, 'users' | 'sessions' | 'clock' | 'announce'> & {
  readonly settings: { readonly links: LinksSettings };
};

/** Whether nobody has ever shown that the user's address is theirs, so that anybody may have made the account. */
export const isUnproved = ({ emailConfirmedAt }: User, { settings }: ClearNeeds): boolean =>
  emailConfirmedAt === null && settings.links.clearUnproved;

/** What the address alone says of a person. */
export const provedData = ({ id, email }: User): Metadata => ({
  sub: id,
  email,
  email_verified: true,
  phone_verified: false,
});

/** What is left of an account: its metadata, and the one identity of what was proved. */
interface Left {
  readonly provider: 'email' | 'phone';
  readonly identityData: Metadata;
  readonly userMetadata: Metadata;
}

/** The account of an address, with this metadata. */
export const leftByEmail = (user: User, userMetadata: Metadata): Left => ({
  provider: 'email',
  identityData: provedData(user),
  userMetadata,
});

/** The account of a number. GoTrue: neither the identity nor the metadata speaks of it. */
export function leftByPhone({ id }: User): Left {
  const identityData = { sub: id, email_verified: false, phone_verified: false };
  return { provider: 'phone', identityData, userMetadata: identityData };
}

/** What else somebody has prepared in the account is gone, and every session ended. */
export async function clearUnproved(user: User, left: Left, needs: ClearNeeds): Promise<void> {
  const { provider, identityData, userMetadata } = left;
  const at = needs.clock.now();
  await needs.users.clearUnproved(user.id, { userMetadata, at });
  await needs.users.insertIdentity({ userId: user.id, provider, providerId: user.id, identityData, at });
  await needs.sessions.endAll(user.id);
  needs.announce(sessionsEnded, { userId: user.id, sessionIds: 'all' });
}
