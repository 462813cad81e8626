import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { User } from '../../core/records.js';
import { type IssueSettings, issueSession } from '../../steps/issue-session.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireNotBanned } from '../../steps/require-caller.js';
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
> & { readonly settings: { readonly password: PasswordSettings } & IssueSettings };

export const signInWithPassword: Flow<typeof operation, Needs> = async (input, needs) => {
  const email = requireOneAddress(input, needs.settings.password);
  const password = input.password ?? '';
  const user = await requireUserByPassword(email, password, needs);
  requireNotBanned(user, needs.clock.now(), passwordConditions.userBannedAtSignIn);
  if (user.emailConfirmedAt === null) deny(passwordConditions.emailNotConfirmed);
  const rehash = await hashAnew(user.passwordHash, password, needs);
  await needs.audit.record({
    actor: user,
    action: 'login',
    logType: 'account',
    traits: { provider: 'email' },
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

/** The address in lower case. GoTrue: its form is not judged here, an odd one is merely nobody's. */
function requireOneAddress({ email, phone }: SignInInput, { enabled }: PasswordSettings): string {
  if (email && phone) deny(passwordConditions.bothAddresses, { value: 'login' });
  if (phone) deny(passwordConditions.phoneProviderDisabled);
  if (!email) deny(passwordConditions.addressMissing);
  if (!enabled) deny(passwordConditions.emailProviderDisabled);
  return email.toLowerCase();
}

/** Takes as long for an unknown address as for a wrong password, so the clock tells nothing. */
async function requireUserByPassword(email: string, password: string, needs: Needs) {
  const user = await needs.users.findByEmail(email, needs.tokens.settings.audience);
  const isRight = await needs.hasher.verify(password, user?.passwordHash ?? null);
  if (user === null || !isRight) {
    needs.announce(passwordFailed, { userId: user?.id ?? null });
    deny(passwordConditions.invalidCredentials);
  }
  needs.announce(passwordProved, { userId: user.id });
  return user;
}
