import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { deny, denyButKeep } from '../../core/auth-error.js';
import { sessionsEnded } from '../../core/event.js';
import type { Identity, Metadata, User } from '../../core/records.js';
import { noteProviders } from '../../steps/note-providers.js';
import { requireNotBanned } from '../../steps/require-caller.js';
import { identitiesConditions } from '../identities/identities.contract.js';
import { passwordConditions } from '../password/password.contract.js';
import {
  type AccountNeeds,
  addIdentity,
  type FoundPerson,
  isProved,
  mailConfirmation,
  noteLinked,
  type Person,
  readPerson,
  turnAway,
} from './found-person.js';
import { oauthConditions } from './oauth.contract.js';

/**
 * The account of whom an identity provider has named, for a session to be opened: the one that has the identity, else
 * the one whose confirmed address the provider has verified, else a new one. It is never found by an address that only one
 * side has verified. An account that nobody has confirmed is not joined but becomes theirs alone: what was in it is gone.
 * @throws userBanned, signupDisabled, idpEmailUnverified, idpEmailBeingVerified and the account stays, emailTooSoon,
 * severalAccounts, invitedNotFound, idpEmailNotInvited
 */
export async function resolveAccount(found: FoundPerson, needs: AccountNeeds): Promise<User> {
  const person = readPerson(found);
  const owner = await needs.users.holdByIdentity(person.idp.name, person.subject);
  if (found.inviteToken) return answerInvitation(found.inviteToken, { person, owner }, needs);
  if (owner !== null) return letBackIn(owner, person, needs);
  if (!person.isVerified) return signUp(person, needs);
  return (await joinOwner(person, needs)) ?? signUp(person, needs);
}

/** GoTrue: what the provider says of the person now is noted; their own address stays what it was. */
async function letBackIn(owner: User, person: Person, needs: AccountNeeds): Promise<User> {
  requireNotBanned(owner, needs.clock.now());
  const arrival = { person, identity: identityOf(owner, person) };
  return letIn(await noteNews(owner, arrival, needs), arrival, needs);
}

/** That somebody has signed in is no change of their account; what the provider says for the first time is. */
async function noteNews(owner: User, { person, identity }: Arrival, needs: AccountNeeds): Promise<User> {
  const { data } = person;
  const isMerged = Object.entries(data).every(([name, value]) =>
    isDeepStrictEqual(owner.userMetadata[name], value),
  );
  if (isMerged && isDeepStrictEqual(identity.identityData, data)) return owner;
  const at = needs.clock.now();
  await needs.users.replaceIdentityData(identity, { data, at });
  return (await needs.users.update(owner.id, { userMetadataMerge: data }, at)) ?? owner;
}

const identityOf = ({ identities }: User, { idp, subject }: Person): Identity =>
  identities.find(({ provider, providerId }) => provider === idp.name && providerId === subject) as Identity;

/**
 * Links the person to the one account that the address belongs to, for good.
 * @returns null where it belongs to nobody
 */
async function joinOwner(person: Person, needs: AccountNeeds): Promise<User | null> {
  const [first, ...others] = await needs.users.findAllByEmail(person.address ?? '');
  if (first === undefined) return null;
  if (others.length > 0) deny(oauthConditions.severalAccounts);
  const held = await needs.users.hold(first.id);
  // Race: what the account was found by may have changed while we waited for it.
  const still = await needs.users.findAllByEmail(person.address ?? '');
  if (held === null || still.length !== 1 || still[0]?.id !== held.id) return joinOwner(person, needs);
  requireNotBanned(held, needs.clock.now());
  const identity = await addIdentity(held, person, needs);
  const change = { userMetadataMerge: person.data };
  const user = (await needs.users.update(held.id, change, needs.clock.now())) ?? held;
  await noteLinked(user, identity, needs);
  return letIn(user, { person, identity }, needs);
}

/** Who is at the door with an identity that the account has. */
interface Arrival {
  readonly person: Person;
  readonly identity: Identity;
}

async function letIn(user: User, arrival: Arrival, needs: AccountNeeds): Promise<User> {
  const { person, identity } = arrival;
  if (user.emailConfirmedAt !== null || mayComeWithoutAddress(user, person, needs)) {
    await note(user, { action: 'login', person }, needs);
    return (await noteProviders(user.id, needs)) ?? user;
  }
  if (!isProved(person, needs)) return askToConfirm(user, person, needs);
  await note(user, { action: 'user_signedup', person }, needs);
  return takeOver(user, { arrival: { person, identity }, userMetadata: person.data }, needs);
}

const mayComeWithoutAddress = ({ email }: User, person: Person, needs: AccountNeeds): boolean =>
  email === null && (person.idp.isEmailOptional || isProved(person, needs));

/**
 * P-01, P-02, P-05: nobody has shown yet that the account is theirs, so whoever does gets it without what others may
 * have left there. Only the address that was proved is confirmed, in place of one that was not.
 */
async function takeOver(
  user: User,
  { arrival, userMetadata }: { readonly arrival: Arrival; readonly userMetadata: Metadata },
  needs: AccountNeeds,
): Promise<User> {
  const { person, identity } = arrival;
  const at = needs.clock.now();
  await needs.users.clearUnproved(user.id, { userMetadata, keptIdentityId: identity.id, at });
  await needs.secrets.clear(user.id);
  await needs.sessions.endAll(user.id);
  needs.announce(sessionsEnded, { userId: user.id, sessionIds: 'all' });
  const confirmed = {
    email: person.address,
    emailConfirmedAt: at,
    isAnonymous: false,
    userMetadataMerge: { email_verified: true },
  };
  if ((await needs.users.update(user.id, confirmed, at)) === null) deny(oauthConditions.severalAccounts);
  return (await noteProviders(user.id, needs)) ?? user;
}

async function askToConfirm(user: User, { idp }: Person, needs: AccountNeeds): Promise<never> {
  if (user.email === null) deny(oauthConditions.idpEmailUnverified, { value: idp.name });
  await noteProviders(user.id, needs);
  await mailConfirmation(user, needs);
  return denyButKeep(oauthConditions.idpEmailBeingVerified, { value: idp.name });
}

/** A new account. An address that somebody has is not theirs, nor is it told whose it is. */
async function signUp(person: Person, needs: AccountNeeds): Promise<User> {
  const { idp, address, isVerified } = person;
  if (!needs.settings.password.allowSignup) deny(passwordConditions.signupDisabled);
  const user = address === null ? null : await insertUser(person, address, needs);
  if (user !== null) return welcome(user, person, needs);
  // Race: somebody has signed up with the address since it was nobody's.
  const joined = isVerified ? await joinOwner(person, needs) : null;
  if (joined !== null) return joined;
  if (!idp.isEmailOptional) return turnAway(person, needs);
  return welcome((await insertUser(person, null, needs)) as User, person, needs);
}

function insertUser(person: Person, email: string | null, needs: AccountNeeds): Promise<User | null> {
  const at = needs.clock.now();
  const { audience, role } = needs.tokens.settings;
  const isConfirmed = email !== null && isProved(person, needs);
  return needs.users.insert({
    id: randomUUID(),
    audience,
    role,
    email,
    phone: null,
    passwordHash: null,
    appMetadata: { provider: person.idp.name, providers: [person.idp.name] },
    userMetadata: { ...person.data, email_verified: isConfirmed },
    isAnonymous: false,
    emailConfirmedAt: isConfirmed ? at : null,
    at,
  });
}

async function welcome(user: User, person: Person, needs: AccountNeeds): Promise<User> {
  const identity = await addIdentity(user, person, needs);
  const whole = { ...user, identities: [identity] };
  if (user.emailConfirmedAt === null) return letIn(whole, { person, identity }, needs);
  await note(whole, { action: 'user_signedup', person }, needs);
  return whole;
}

/** Who holds the link reads the invited address, whether the provider has verified it or not. */
async function answerInvitation(
  inviteToken: string,
  { person, owner }: { readonly person: Person; readonly owner: User | null },
  needs: AccountNeeds,
): Promise<User> {
  const user = await takeInvitation(inviteToken, needs);
  if (user.email?.toLowerCase() !== person.address) deny(oauthConditions.idpEmailNotInvited);
  requireNotBanned(user, needs.clock.now());
  if (owner !== null && owner.id !== user.id) deny(identitiesConditions.identityOfAnother);
  const identity = owner === null ? await addIdentity(user, person, needs) : identityOf(owner, person);
  const userMetadata = { ...user.userMetadata, ...person.data };
  await note({ ...user, userMetadata }, { action: 'invite_accepted', person }, needs);
  return takeOver(user, { arrival: { person, identity }, userMetadata }, needs);
}

/** @throws invitedNotFound */
async function takeInvitation(inviteToken: string, needs: AccountNeeds): Promise<User> {
  const { users, secrets, secretForm, settings, clock } = needs;
  const taken = await secrets.takeByLink({
    hashes: secretForm.linkHashes(inviteToken),
    slots: ['confirmation'],
    kinds: ['invite'],
    issuedAfter: new Date(clock.now().getTime() - settings.links.linkLifetime),
  });
  const user = taken && (await users.hold(taken.userId));
  // It proves the address that it was sent to, and only an account that still waits for that.
  const isInvited = user?.emailConfirmedAt === null && user.email?.toLowerCase() === taken?.address;
  return isInvited ? user : deny(oauthConditions.invitedNotFound);
}

const note = (
  actor: User,
  { action, person }: { readonly action: string; readonly person: Person },
  { audit, clock }: AccountNeeds,
): Promise<void> =>
  audit.record({
    actor,
    action,
    logType: action === 'login' ? 'account' : 'team',
    traits: { provider: person.idp.name },
    at: clock.now(),
  });
