import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { User } from '../../core/records.js';
import { type IssueSettings, issueSession } from '../../steps/issue-session.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireNotBanned } from '../../steps/require-caller.js';
import { plainPhone } from '../../steps/send-text.js';
import {
  passwordConditions,
  passwordFailed,
  passwordProved,
  type SignInInput,
  signInWithPassword as operation,
} from './password.contract.js';
import type { PasswordSettings } from './password.options.js';
import { weaknessOf } from './weakness.js';

type Needs = Pick<
  LocalNeeds,
  'users' | 'sessions' | 'audit' | 'hasher' | 'tokens' | 'clock' | 'caller' | 'announce'
> & { readonly settings: SignInSettings & IssueSettings };

interface SignInSettings {
  readonly password: PasswordSettings;
  readonly phone: { readonly enabled: boolean };
}

export const signInWithPassword: Flow<typeof operation, Needs> = async (input, needs) => {
  const login = requireOneAddress(input, needs.settings);
  const password = input.password ?? '';
  const user = await requireUserByPassword(login, password, needs);
  requireNotBanned(user, needs.clock.now(), passwordConditions.userBannedAtSignIn);
  requireConfirmed(user, login);
  const rehash = await hashAnew(user.passwordHash, password, needs);
  await needs.audit.record({
    actor: user,
    action: 'login',
    logType: 'account',
    traits: { provider: login.provider },
    at: needs.clock.now(),
  });
  const passwordHash =
    rehash === null ? user.passwordHash : await requireReplaced({ ...rehash, password, user }, needs);
  const refusal = passwordConditions.invalidCredentials;
  const session = await issueSession(user, { method: 'password', passwordHash, refusal }, needs);
  return { ...session, weak_password: weaknessOf(password, user.email, needs.settings.password) };
};

/** A hash of today's kind for one of another kind, made before anything is written; null where none is needed. */
async function hashAnew(from: string | null, password: string, { hasher }: Needs) {
  if (from === null || !hasher.isOutdated(from)) return null;
  // The person is let in all the same; the next sign-in tries again.
  const to = await hasher.hash(password).catch(() => null);
  return to === null ? null : { from, to };
}

interface Replacement {
  readonly user: User;
  readonly password: string;
  readonly from: string;
  readonly to: string;
}

/** @returns the hash that the person has now, and that is one of their password */
async function requireReplaced({ user, password, from, to }: Replacement, needs: Needs) {
  if (await needs.users.replacePasswordHash(user.id, from, to)) return to;
  // Race: a new password, or the same one, whose hash was replaced by somebody who signs in at the same time.
  const passwordHash = (await needs.users.findById(user.id))?.passwordHash ?? null;
  if (!(await needs.hasher.verify(password, passwordHash))) deny(passwordConditions.invalidCredentials);
  return passwordHash;
}

/** What somebody says they are found by. */
interface Login {
  readonly provider: 'email' | 'phone';
  readonly address: string;
}

/** The address in lower case, or the number. GoTrue: its form is not judged here, an odd one is merely nobody's. */
function requireOneAddress({ email, phone }: SignInInput, settings: SignInSettings): Login {
  if (email && phone) deny(passwordConditions.bothAddresses, { value: 'login' });
  if (phone) {
    if (!settings.phone.enabled) deny(passwordConditions.phoneProviderDisabled);
    return { provider: 'phone', address: plainPhone(phone) };
  }
  if (!email) deny(passwordConditions.addressMissing);
  if (!settings.password.enabled) deny(passwordConditions.emailProviderDisabled);
  return { provider: 'email', address: email.toLowerCase() };
}

function requireConfirmed({ emailConfirmedAt, phoneConfirmedAt }: User, { provider }: Login): void {
  if (provider === 'email' && emailConfirmedAt === null) deny(passwordConditions.emailNotConfirmed);
  if (provider === 'phone' && phoneConfirmedAt === null) deny(passwordConditions.phoneNotConfirmed);
}

/** Takes as long for an unknown address or number as for a wrong password, so the clock tells nothing. */
async function requireUserByPassword({ provider, address }: Login, password: string, needs: Needs) {
  const find = provider === 'email' ? 'findByEmail' : 'findByPhone';
  const user = await needs.users[find](address, needs.tokens.settings.audience);
  const isRight = await needs.hasher.verify(password, user?.passwordHash ?? null);
  if (user === null || !isRight) {
    needs.announce(passwordFailed, { userId: user?.id ?? null });
    deny(passwordConditions.invalidCredentials);
  }
  needs.announce(passwordProved, { userId: user.id });
  return user;
}
