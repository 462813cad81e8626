import { deny } from '../../core/auth-error.js';
import { sessionsEnded } from '../../core/event.js';
import type { Metadata, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireEmail } from '../password/address.js';
import { adminUserConditions } from './admin-users.contract.js';
import { addIdentity, createPerson } from './create-person.js';

type Names = 'users' | 'sessions' | 'secrets' | 'tokens' | 'clock' | 'announce';
export type AccountNeeds = Pick<LocalNeeds, Names> & {
  readonly settings: { readonly links: { readonly clearUnproved: boolean } };
};

/** What the account is to have. */
export interface Wanted {
  /** In lower case. */
  readonly email: string;
  readonly passwordHash: string | null;
  readonly data: Metadata;
}

/** The address in lower case. @throws emailRequired, emailTooLong, emailInvalid */
export const requireGivenEmail = (email = ''): string =>
  email === '' ? deny(adminUserConditions.emailRequired) : requireEmail(email);

/** @throws emailTaken */
export function requireUnconfirmed(known: User | null): void {
  if (known !== null && known.emailConfirmedAt !== null) deny(adminUserConditions.emailTaken);
}

/**
 * The account that an administrator's link will open: a new one, or the one whose address still waits to be
 * confirmed. Anybody may have made that one, so where the options say so it is left with nothing of theirs.
 * @throws emailTaken
 */
export async function unconfirmedAccount(
  known: User | null,
  wanted: Wanted,
  needs: AccountNeeds,
): Promise<User> {
  // Race: somebody else took the address between the look and this write.
  if (known === null) return (await createPerson(wanted, needs)) ?? deny(adminUserConditions.emailTaken);
  return needs.settings.links.clearUnproved ? startAfresh(known, wanted, needs) : known;
}

async function startAfresh({ id }: User, wanted: Wanted, needs: AccountNeeds): Promise<User> {
  const { users, sessions, secrets, announce } = needs;
  const at = needs.clock.now();
  // Race: whoever confirms the address meanwhile waits for this write, or is seen here.
  requireUnconfirmed(await users.update(id, {}, at));
  await users.clearUnproved(id, { userMetadata: wanted.data, at });
  await addIdentity(id, ['email', { email: wanted.email }], needs);
  await secrets.clear(id);
  await sessions.endAll(id);
  announce(sessionsEnded, { userId: id, sessionIds: 'all' });
  const appMetadata = { provider: 'email', providers: ['email'] };
  const { passwordHash } = wanted;
  const afresh = await users.update(id, { appMetadata, ...(passwordHash && { passwordHash }) }, at);
  return afresh ?? deny(adminUserConditions.emailTaken);
}
