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

/** Leaves the account with its address and this metadata; what else somebody has prepared in it is gone. */
export async function clearUnproved(user: User, userMetadata: Metadata, needs: ClearNeeds): Promise<void> {
  const at = needs.clock.now();
  await needs.users.clearUnproved(user.id, { userMetadata, at });
  await needs.users.insertIdentity({
    userId: user.id,
    provider: 'email',
    providerId: user.id,
    identityData: provedData(user),
    at,
  });
  await needs.sessions.endAll(user.id);
  needs.announce(sessionsEnded, { userId: user.id, sessionIds: 'all' });
}
