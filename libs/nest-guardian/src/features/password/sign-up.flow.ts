import { randomUUID } from 'node:crypto';
import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { User } from '../../core/records.js';
import { type IssueSettings, issueSession } from '../../steps/issue-session.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireChannel } from '../../steps/send-text.js';
import { userBody, type UserBody } from '../../wire/user.js';
import { requireMetadataFits } from '../user/require-metadata-fits.js';
import type { UserSettings } from '../user/user.options.js';
import { requireEmail, requireWholeChallenge } from './address.js';
import { passwordConditions, signUp, type SignUpInput } from './password.contract.js';
import type { PasswordSettings } from './password.options.js';
import { requireAcceptablePassword } from './require-acceptable-password.js';

type Needs = Pick<LocalNeeds, 'users' | 'sessions' | 'audit' | 'hasher' | 'tokens' | 'clock' | 'caller'> & {
  readonly settings: IssueSettings & { readonly password: PasswordSettings; readonly user: UserSettings };
};

export const signUpWithPassword: Flow<typeof signUp, Needs> = async (input, needs) => {
  const { email, password } = requireSignUp(input, needs.settings.password);
  requireMetadataFits(input.data ?? {}, needs.settings.user);
  // Timing: hashed before anyone looks whether the address is known, so that both take the same time.
  const passwordHash = await needs.hasher.hash(password);
  const user = await createUser({ email, passwordHash, data: input.data }, needs);
  if (user === null) return answerForKnownAddress(email, input, needs);
  if (!needs.settings.password.autoconfirm) return userBody(user);
  await needs.audit.record({ ...auditOf(user, needs), action: 'login', logType: 'account' });
  return issueSession(user, { method: 'password' }, needs);
};

/** The checks of contract 2.3, in its order. */
function requireSignUp(input: SignUpInput, settings: PasswordSettings): { email: string; password: string } {
  if (!settings.allowSignup) deny(passwordConditions.signupDisabled);
  if (!input.password) deny(passwordConditions.passwordMissing);
  const password = requireAcceptablePassword(input.password, input.email ?? null, settings);
  if (input.email && input.phone) deny(passwordConditions.bothAddresses, { value: 'signup' });
  if (input.phone) {
    requireChannel(input.channel);
    deny(passwordConditions.phoneProviderDisabledForSignUp);
  }
  requireWholeChallenge(input);
  if (!settings.enabled) deny(passwordConditions.emailProviderDisabledForSignUp);
  return { email: requireEmail(input.email ?? ''), password };
}

interface NewPerson {
  readonly email: string;
  readonly passwordHash: string;
  readonly data?: Record<string, unknown>;
}

/** User, identity and audit row; null when the address is taken. */
async function createUser({ email, passwordHash, data }: NewPerson, needs: Needs): Promise<User | null> {
  const { autoconfirm } = needs.settings.password;
  const [id, at] = [randomUUID(), needs.clock.now()];
  const identityData = { ...data, sub: id, email, email_verified: false, phone_verified: false };
  const inserted = await needs.users.insert({
    id,
    at,
    email,
    passwordHash,
    phone: null,
    audience: needs.tokens.settings.audience,
    role: needs.tokens.settings.role,
    appMetadata: { provider: 'email', providers: ['email'] },
    // GoTrue: the identity's data becomes the user's metadata, and confirming says so there alone.
    userMetadata: { ...identityData, email_verified: autoconfirm },
    isAnonymous: false,
    emailConfirmedAt: autoconfirm ? at : null,
  });
  if (inserted === null) return null;
  const identity = await needs.users.insertIdentity({
    userId: id,
    provider: 'email',
    providerId: id,
    identityData,
    at,
  });
  if (identity === null) throw new Error('A random id was taken');
  const user = { ...inserted, identities: [identity] };
  const [action, logType] = autoconfirm
    ? (['user_signedup', 'team'] as const)
    : (['user_confirmation_requested', 'user'] as const);
  await needs.audit.record({ ...auditOf(user, needs), action, logType });
  return user;
}

const auditOf = (actor: User, { clock }: Needs) =>
  ({ actor, at: clock.now(), traits: { provider: 'email' } }) as const;

/**
 * GoTrue: where addresses are confirmed at once, a known one is told so; elsewhere the answer cannot be told
 * from that for a new address, and nothing is changed.
 */
async function answerForKnownAddress(email: string, { data }: SignUpInput, needs: Needs): Promise<UserBody> {
  if (needs.settings.password.autoconfirm) deny(passwordConditions.userAlreadyExists);
  const [id, at] = [randomUUID(), needs.clock.now()];
  const identity = { sub: id, email, email_verified: false, phone_verified: false };
  const times = { created_at: at.toISOString(), updated_at: at.toISOString() };
  return {
    id,
    aud: needs.tokens.settings.audience,
    role: needs.tokens.settings.role,
    email,
    phone: '',
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: { ...data, ...identity },
    identities: [
      {
        identity_id: randomUUID(),
        id,
        user_id: id,
        identity_data: { ...data, ...identity },
        provider: 'email',
        last_sign_in_at: at.toISOString(),
        ...times,
        email,
      },
    ],
    ...times,
    is_anonymous: false,
  };
}
