import { deny, denyButKeep } from '../../core/auth-error.js';
import type { Condition } from '../../core/condition.js';
import { sessionsEnded } from '../../core/event.js';
import type { UserChange } from '../../core/ports/stores.js';
import type { Session, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireTriesLeft } from '../../steps/require-tries-left.js';
import { sendMail, type SendSettings } from '../../steps/send-mail.js';
import type { LinksSettings } from '../links/links.options.js';
import { passwordFailed } from '../password/password.contract.js';
import type { PasswordSettings } from '../password/password.options.js';
import type { PhoneSettings } from '../phone/phone.options.js';
import { userConditions } from './user.contract.js';

type Names =
  | 'secrets'
  | 'secretForm'
  | 'limits'
  | 'sessions'
  | 'audit'
  | 'hasher'
  | 'tokens'
  | 'clock'
  | 'announce'
  | 'outbox'
  | 'places';
export type NewPasswordNeeds = Pick<LocalNeeds, Names> & {
  readonly settings: SendSettings & {
    readonly password: PasswordSettings;
    readonly links: LinksSettings;
    readonly phone: PhoneSettings;
    readonly mail: { readonly notifyPasswordChanged: boolean };
  };
};

/** Who asks, and in which session; without one, it is never fresh. */
export interface Asking {
  readonly user: User;
  readonly session: Session | null;
}

export interface WantedPassword {
  readonly password: string;
  readonly nonce?: string;
  readonly currentPassword?: string;
}

/** A new password, hashed, and what is still to be seen to before it may be written. */
export interface JudgedPassword {
  readonly hash: string;
  /** To be redeemed first. */
  readonly nonce: string | null;
  /** What speaks against it. Said only to those whose nonce is good, or it would tell others the password. */
  readonly refusal: Condition | null;
}

/**
 * Does everything about a new password that takes time. Writes nothing.
 * @throws reauthenticationNeeded
 */
export async function judgePassword(
  wanted: WantedPassword,
  asking: Asking,
  needs: NewPasswordNeeds,
): Promise<JudgedPassword> {
  const { nonce = '', currentPassword = '' } = wanted;
  const mustProve = needs.settings.password.requireReauthentication && !isFresh(asking, needs);
  if (mustProve && nonce === '' && currentPassword === '') deny(userConditions.reauthenticationNeeded);
  const mustKnow = (mustProve && nonce === '') || takesCurrent(asking, needs);
  const refusal = await refusalOf(wanted, { user: asking.user, mustKnow }, needs);
  return {
    hash: refusal === null ? await needs.hasher.hash(wanted.password) : '',
    nonce: mustProve && nonce !== '' ? nonce : null,
    refusal,
  };
}

const isFresh = ({ session }: Asking, { settings, clock }: NewPasswordNeeds): boolean =>
  session !== null && clock.now().getTime() <= session.createdAt.getTime() + settings.password.freshFor;

const comesBack = new Set(['otp', 'magiclink', 'recovery']);

const takesCurrent = ({ user, session }: Asking, { settings }: NewPasswordNeeds): boolean =>
  settings.password.requireCurrentPassword &&
  user.passwordHash !== null &&
  !session?.amr.some(({ method }) => comesBack.has(method));

async function refusalOf(
  { password, currentPassword = '' }: WantedPassword,
  { user, mustKnow }: { readonly user: User; readonly mustKnow: boolean },
  { hasher, announce }: NewPasswordNeeds,
): Promise<Condition | null> {
  const { id: userId, passwordHash } = user;
  if (mustKnow && currentPassword === '') return userConditions.currentPasswordRequired;
  if (mustKnow && !(await hasher.verify(currentPassword, passwordHash))) {
    announce(passwordFailed, { userId });
    return userConditions.currentPasswordInvalid;
  }
  const isSame = passwordHash !== null && (await hasher.verify(password, passwordHash));
  return isSame ? userConditions.samePassword : null;
}

/**
 * Redeems the nonce, where one is needed, once and for good.
 * @throws reauthenticationNotValid and tooManyRequests, and the try stays counted; what speaks against the password
 */
export async function requireProved(
  { nonce, refusal }: JudgedPassword,
  user: User,
  needs: NewPasswordNeeds,
): Promise<void> {
  if (nonce !== null) await redeemNonce(nonce, user, needs);
  if (refusal !== null) deny(refusal);
}

async function redeemNonce(
  nonce: string,
  { id, email, phone }: User,
  needs: NewPasswordNeeds,
): Promise<void> {
  const { links, phone: texts } = needs.settings;
  const lifetime = email === null ? texts.codeLifetime : Math.min(links.codeLifetime, links.linkLifetime);
  const address = email ?? phone ?? deny(userConditions.reauthenticationNotValid);
  await requireTriesLeft(address, needs);
  const taken = await needs.secrets.takeByCode({
    address,
    hashes: needs.secretForm.codeHashes(address, nonce),
    slots: ['reauthentication'],
    kinds: ['reauthentication'],
    issuedAfter: new Date(needs.clock.now().getTime() - lifetime),
    maxAttempts: links.maxCodeAttempts,
  });
  if (taken?.userId !== id) denyButKeep(userConditions.reauthenticationNotValid);
}

/** What a new password changes of a user. GoTrue: as if nothing had ever been sent. */
export const passwordChange = (passwordHash: string): UserChange => ({
  passwordHash,
  confirmationSentAt: null,
  recoverySentAt: null,
  emailChangeSentAt: null,
  phoneChangeSentAt: null,
  reauthenticationSentAt: null,
});

/**
 * What else a new password does: every other session ends, and everything sent before opens nothing any more, so
 * that whoever knew the old one is out; and the person hears of it.
 */
export async function sealPassword({ user, session }: Asking, needs: NewPasswordNeeds): Promise<void> {
  const at = needs.clock.now();
  await needs.secrets.clear(user.id);
  await needs.sessions.endAll(user.id, session?.id);
  await needs.audit.record({ actor: user, action: 'user_updated_password', logType: 'user', at });
  needs.announce(sessionsEnded, { userId: user.id, sessionIds: 'all', except: session?.id });
  if (user.email === null || !needs.settings.mail.notifyPasswordChanged) return;
  await sendMail(user, { kind: 'password_changed_notification', to: user.email }, needs);
}
