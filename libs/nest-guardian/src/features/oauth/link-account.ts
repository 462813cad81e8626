import { deny, denyButKeep } from '../../core/auth-error.js';
import type { User } from '../../core/records.js';
import { noteProviders } from '../../steps/note-providers.js';
import { requireNotBanned } from '../../steps/require-caller.js';
import { identitiesConditions } from '../identities/identities.contract.js';
import {
  type AccountNeeds,
  addIdentity,
  type FoundPerson,
  isProved,
  mailConfirmation,
  noteLinked,
  type Person,
  readPerson,
} from './found-person.js';
import { oauthConditions } from './oauth.contract.js';

/**
 * Gives whoever asked for it one more way in. Their address stays what it is; who has none gets the identity's, and is
 * no longer anonymous once it is confirmed. That it was they who asked, and from this browser, is the caller's business.
 * @throws identityAlreadyLinked, identityOfAnother, linkTargetNotFound, userBanned, idpEmailUnverified,
 * linkedEmailTaken, linkedEmailBeingVerified and the identity stays, emailTooSoon
 */
export async function linkAccount(found: FoundPerson, targetId: string, needs: AccountNeeds): Promise<User> {
  const person = readPerson(found);
  const owner = await needs.users.holdByIdentity(person.idp.name, person.subject);
  if (owner?.id === targetId) deny(identitiesConditions.identityAlreadyLinked);
  // P-11: it is not taken from anybody.
  if (owner !== null) deny(identitiesConditions.identityOfAnother);
  const target = await needs.users.hold(targetId);
  if (target === null || target.deletedAt !== null) deny(oauthConditions.linkTargetNotFound);
  requireNotBanned(target, needs.clock.now());
  const identity = await addIdentity(target, person, needs);
  await noteLinked(target, identity, needs);
  if (target.email === null) await adoptAddress(target, person, needs);
  return (await noteProviders(target.id, needs)) ?? target;
}

/** P-12: an address that somebody has is not taken from them, whoever the provider says reads it. */
async function adoptAddress(target: User, person: Person, needs: AccountNeeds): Promise<void> {
  const { idp, address } = person;
  const at = needs.clock.now();
  if (address === null) {
    // They could not come back with it.
    if (!idp.isEmailOptional) deny(oauthConditions.idpEmailUnverified, { value: idp.name });
    if (target.isAnonymous) await needs.users.update(target.id, { isAnonymous: false }, at);
    return;
  }
  const isConfirmed = isProved(person, needs);
  const change = {
    email: address,
    userMetadataMerge: { email_verified: isConfirmed },
    ...(isConfirmed && { emailConfirmedAt: at, isAnonymous: false }),
  };
  const user = await needs.users.update(target.id, change, at);
  if (user === null) deny(identitiesConditions.linkedEmailTaken);
  if (isConfirmed) return;
  await mailConfirmation(user, needs);
  denyButKeep(identitiesConditions.linkedEmailBeingVerified, { value: idp.name });
}
