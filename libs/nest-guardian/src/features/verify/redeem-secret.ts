import { deny, denyButKeep } from '../../core/auth-error.js';
import type { Condition } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import type { TakenSecret } from '../../core/ports/one-time-secrets.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { isBanned } from '../../steps/require-caller.js';
import { requireTriesLeft } from '../../steps/require-tries-left.js';
import { testCodeOf } from '../../steps/send-text.js';
import { isSameText } from '../../tokens/same-text.js';
import type { LinksSettings } from '../links/links.options.js';
import type { PhoneSettings } from '../phone/phone.options.js';
import { verifyConditions } from './verify.contract.js';
import { type ConfirmedType, isVerifyType, type Opening, openingOf, type VerifyType } from './what-opens.js';

type Needs = Pick<LocalNeeds, 'users' | 'secrets' | 'secretForm' | 'limits' | 'tokens' | 'clock'> & {
  readonly settings: { readonly links: LinksSettings; readonly phone: PhoneSettings };
};

/** A secret that has come back from the person it was sent to, and is used up. */
export interface Redeemed {
  readonly user: User;
  readonly secret: TakenSecret;
  readonly type: ConfirmedType;
}

/**
 * Takes the secret that a link carries.
 * @throws verifyTypeUnsupported, linkExpired; userBanned, and then the secret is gone all the same
 */
export async function redeemLink(type: string, linkToken: string, needs: Needs): Promise<Redeemed> {
  // GoTrue: what is texted has no link.
  if (!isVerifyType(type) || openingOf(type).sentBy === 'text') deny(verifyConditions.verifyTypeUnsupported);
  const { slots, kinds } = openingOf(type);
  const hashes = needs.secretForm.linkHashes(linkToken);
  const issuedAfter = ago(needs.settings.links.linkLifetime, needs);
  const secret = await needs.secrets.takeByLink({ hashes, slots, kinds, issuedAfter });
  if (secret === null) deny(verifyConditions.linkExpired);
  return requireOwner(secret, { type, refusal: verifyConditions.linkExpired }, needs);
}

export interface CodeShown {
  readonly code: string;
  /** Where it was sent: an address in lower case, or a number without the plus. */
  readonly address: string;
  readonly sentBy: Opening['sentBy'];
}

/**
 * Takes the secret by the code that was sent to an address. Every try counts against what was sent and against the
 * address, which need not be anybody's, and stays counted.
 * @throws tooManyRequests, codeExpired; userBanned, and then the secret is gone all the same
 */
export async function redeemCode(type: string, shown: CodeShown, needs: Needs): Promise<Redeemed> {
  // GoTrue: a type that is unknown, or of the other sort of address, is no mistake but a wrong code.
  if (!isVerifyType(type) || openingOf(type).sentBy !== shown.sentBy) deny(verifyConditions.codeExpired);
  await requireTriesLeft(shown.address, needs);
  const secret = (await ownerOfTestNumber(type, shown, needs)) ?? (await takeByCode(type, shown, needs));
  if (secret === null) denyButKeep(verifyConditions.codeExpired);
  return requireOwner(secret, { type, refusal: verifyConditions.codeExpired }, needs);
}

function takeByCode(type: VerifyType, { code, address, sentBy }: CodeShown, needs: Needs) {
  const { links, phone } = needs.settings;
  const lifetime = sentBy === 'text' ? phone.codeLifetime : Math.min(links.codeLifetime, links.linkLifetime);
  const { slots, kinds } = openingOf(type);
  const hashes = needs.secretForm.codeHashes(address, code);
  const maxAttempts = links.maxCodeAttempts;
  return needs.secrets.takeByCode({
    address,
    hashes,
    slots,
    kinds,
    maxAttempts,
    issuedAfter: ago(lifetime, needs),
  });
}

/** Numbers for tests: their code is good at any time and as often as one likes, whether it was asked for or not. */
async function ownerOfTestNumber(
  type: VerifyType,
  { code, address }: CodeShown,
  needs: Needs,
): Promise<TakenSecret | null> {
  const testCode = openingOf(type).sentBy === 'text' ? testCodeOf(address, needs) : undefined;
  if (testCode === undefined || !isSameText(testCode, code)) return null;
  const { audience } = needs.tokens.settings;
  const [slot] = openingOf(type).slots;
  const user = await (type === 'sms'
    ? needs.users.findByPhone(address, audience)
    : needs.users.findByNewPhone(address, audience));
  return user && slot ? { userId: user.id, slot, address } : null;
}

interface Proof {
  readonly type: VerifyType;
  readonly refusal: Condition;
}

/** The secret is used up already, and stays so whatever is found here. */
async function requireOwner(secret: TakenSecret, { type, refusal }: Proof, needs: Needs): Promise<Redeemed> {
  const user = await findOwner(secret, needs);
  const known = confirmedType(type, secret);
  if (user === null || user.deletedAt !== null) denyButKeep(refusal);
  // Only the mailbox or telephone that it was sent to has been shown to be theirs, and nothing else is confirmed.
  if (addressProved(user, known, secret)?.toLowerCase() !== secret.address.toLowerCase())
    denyButKeep(refusal);
  if (isBanned(user, needs.clock.now())) denyButKeep(common.userBanned);
  return { user, secret, type: known };
}

function findOwner({ userId, slot }: TakenSecret, needs: Needs): Promise<User | null> {
  // Race: the two mails of a change may be followed at once, or the change be another by now. Writing waits for
  // whoever writes already, and what comes back is what they have left.
  return slot.includes('change')
    ? needs.users.update(userId, {}, needs.clock.now())
    : needs.users.findById(userId);
}

/** GoTrue: `email` is a sign-up or a magic link, whichever was sent. */
const confirmedType = (type: VerifyType, { slot }: TakenSecret): ConfirmedType => {
  if (type !== 'email') return type;
  return slot === 'recovery' ? 'magiclink' : 'signup';
};

function addressProved(user: User, type: ConfirmedType, { slot }: TakenSecret): string | null {
  if (type === 'sms') return user.phone;
  if (slot === 'phone_change') return user.newPhone;
  return slot === 'email_change_new' ? user.newEmail : user.email;
}

const ago = (span: number, { clock }: Needs): Date => new Date(clock.now().getTime() - span);
