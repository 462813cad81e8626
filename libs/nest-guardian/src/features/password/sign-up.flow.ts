import { deny, denyButKeep } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import {
  type ChallengeSettings,
  isPkce,
  requireLinkChallenge,
  requireWholeChallenge,
} from '../../steps/challenge.js';
import { type IssueSettings, issueSession } from '../../steps/issue-session.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { type RedirectNeeds, redirectTarget } from '../../steps/redirect-target.js';
import { requireChannel, requirePhone } from '../../steps/send-text.js';
import type { SessionBody } from '../../wire/session.js';
import { userBody } from '../../wire/user.js';
import { signUpWithPhone, type SignUpWithPhoneNeeds } from '../phone/sign-up-with-phone.js';
import type { Reach } from '../phone/text-code.js';
import { requireMetadataFits } from '../user/require-metadata-fits.js';
import type { UserSettings } from '../user/user.options.js';
import { requireEmail } from './address.js';
import { isContested } from './contested-sign-up.js';
import { insertPerson, type Named, newPerson } from './new-person.js';
import { passwordConditions, signUp, type SignUpInput } from './password.contract.js';
import type { PasswordSettings } from './password.options.js';
import { requireAcceptablePassword } from './require-acceptable-password.js';
import { signUpByMail, type SignUpByMailNeeds } from './sign-up-by-mail.js';

type Settings = ChallengeSettings & {
  readonly password: PasswordSettings;
  readonly phone: { readonly enabled: boolean; readonly autoconfirm: boolean };
};
type Needs = Pick<LocalNeeds, 'sessions' | 'hasher'> &
  SignUpByMailNeeds &
  SignUpWithPhoneNeeds &
  RedirectNeeds & {
    readonly settings: Settings &
      IssueSettings & { readonly user: UserSettings; readonly links: { readonly clearUnproved: boolean } };
  };

export const signUpWithPassword: Flow<typeof signUp, Needs> = async (input, needs) => {
  const password = requireSignUp(input, needs.settings);
  const reach = input.phone ? requireReach(input, needs.settings) : null;
  const email = reach === null ? requireAddress(input, needs.settings) : '';
  requireMetadataFits(input.data ?? {}, needs.settings.user);
  // Timing: hashed before anyone looks whether the address is known, so that both take the same time.
  const passwordHash = await needs.hasher.hash(password);
  const found = { email, phone: reach?.phone ?? null, password };
  const settings = needs.settings[reach === null ? 'password' : 'phone'];
  const isConfirmed = settings.autoconfirm;
  const chosen = {
    passwordHash,
    data: input.data,
    isContested: !isConfirmed && (await isContested(found, needs)),
  };
  if (reach !== null) return signUpWithPhone({ ...chosen, ...reach }, needs);
  const named = { ...chosen, email, isConfirmed };
  if (isConfirmed) return signUpAtOnce(named, needs);
  const redirectTo = redirectTarget(input.redirect_to, needs);
  return userBody(await signUpByMail({ ...named, challenge: input, redirectTo }, needs));
};

/** The checks of contract 2.3 that come first, in its order. @returns the password */
function requireSignUp(input: SignUpInput, { password: settings }: Settings): string {
  if (!settings.allowSignup) deny(passwordConditions.signupDisabled);
  if (!input.password) deny(passwordConditions.passwordMissing);
  const password = requireAcceptablePassword(input.password, input.email ?? null, settings);
  if (input.email && input.phone) deny(passwordConditions.bothAddresses, { value: 'signup' });
  return password;
}

/** The address, after the checks of those who sign up with one. */
function requireAddress(input: SignUpInput, settings: Settings): string {
  const { enabled, autoconfirm } = settings.password;
  // Where addresses are confirmed at once, no link is sent.
  if (autoconfirm) requireWholeChallenge(input, settings);
  else requireLinkChallenge(input, settings);
  if (!enabled) deny(passwordConditions.emailProviderDisabledForSignUp);
  return requireEmail(input.email ?? '');
}

/** The number, after the checks of those who sign up with one. */
function requireReach(input: SignUpInput, settings: Settings): Reach {
  const channel = requireChannel(input.channel);
  if (isPkce(input)) deny(passwordConditions.phoneWithChallenge);
  requireWholeChallenge(input, settings);
  if (!settings.phone.enabled) deny(passwordConditions.phoneProviderDisabledForSignUp);
  return { phone: requirePhone(input.phone ?? ''), channel };
}

/** Where addresses are confirmed without a mail, a known one is told so. */
async function signUpAtOnce(named: Named, needs: Needs): Promise<SessionBody> {
  const user = await insertPerson(newPerson(named, needs), needs);
  const audit = { at: needs.clock.now(), traits: { provider: 'email' } };
  if (user === null) {
    const actor = await needs.users.findByEmail(named.email, needs.tokens.settings.audience);
    if (actor) await needs.audit.record({ ...audit, actor, action: 'user_repeated_signup', logType: 'user' });
    return denyButKeep(passwordConditions.userAlreadyExists);
  }
  await needs.audit.record({ ...audit, actor: user, action: 'user_signedup', logType: 'team' });
  await needs.audit.record({ ...audit, actor: user, action: 'login', logType: 'account' });
  return issueSession(user, { method: 'password' }, needs);
}
