import { deny } from '../../core/auth-error.js';
import type { User } from '../../core/records.js';
import { answerAlike, type LinkNeeds, type LinkRequest, mailLink } from '../../steps/mail-link.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { type RedirectNeeds, redirectTarget } from '../../steps/redirect-target.js';
import { isBanned } from '../../steps/require-caller.js';
import { insertPerson, newPerson } from '../password/new-person.js';
import { passwordConditions } from '../password/password.contract.js';
import type { PasswordSettings } from '../password/password.options.js';
import { requestConfirmation } from '../password/sign-up-by-mail.js';
import { otpConditions, type SendOtpInput, type SentBody } from './otp.contract.js';

export type MagicLinkNeeds = LinkNeeds &
  RedirectNeeds &
  Pick<LocalNeeds, 'users' | 'audit' | 'limits' | 'tokens' | 'hideDuration'> & {
    readonly settings: { readonly password: PasswordSettings };
  };

type Asked = Pick<SendOtpInput, 'create_user' | 'data'> & LinkRequest & { readonly email: string };

/**
 * Mails a link that signs in, to a new account where the address has none yet. Where the options say so, the answer
 * tells nothing of what was found.
 * @throws otpDisabled, signupDisabled, emailTooSoon
 */
export async function mailMagicLink(
  email: string,
  input: SendOtpInput,
  needs: MagicLinkNeeds,
): Promise<SentBody> {
  const { mail } = needs.settings;
  const redirectTo = redirectTarget(input.redirect_to, needs);
  const asked = { ...input, email, challenge: input, redirectTo };
  await answerAlike({ purpose: 'recovery', address: email, frequency: mail.maxFrequency }, needs);
  const user = await needs.users.findByEmail(email, needs.tokens.settings.audience);
  if (user === null) await sendToNobodyYet(asked, needs);
  else if (!isBanned(user, needs.clock.now())) await sendTo(user, asked, needs);
  return {};
}

async function sendTo(user: User, asked: Asked, needs: MagicLinkNeeds): Promise<void> {
  const { links, password } = needs.settings;
  const isUnproved = user.emailConfirmedAt === null && !password.autoconfirm;
  // GoTrue: the sign-up goes on, so that what whoever began it has put into the account is there for good. A magic
  // link lets its owner into an account that nobody else has prepared.
  if (isUnproved && !links.uniformAnswers) {
    requireMaySignUp(needs);
    return requestConfirmation(user, asked, needs);
  }
  await mailLink(user, { ...asked, type: 'magiclink' }, needs);
  await needs.audit.record({
    actor: user,
    action: 'user_recovery_requested',
    logType: 'user',
    at: needs.clock.now(),
  });
}

async function sendToNobodyYet(asked: Asked, needs: MagicLinkNeeds): Promise<void> {
  const { links, password } = needs.settings;
  const mayCreate = asked.create_user ?? true;
  if (!links.uniformAnswers) {
    if (!mayCreate) deny(otpConditions.otpDisabled);
    requireMaySignUp(needs);
  }
  if (!mayCreate || !password.allowSignup) return;
  const { email, data } = asked;
  const isConfirmed = password.autoconfirm;
  // GoTrue keeps the hash of a password that nobody knows. Without one, an account says that it has none.
  const person = newPerson({ email, data, passwordHash: null, isConfirmed }, needs);
  const user = await insertPerson(person, needs);
  // Race: somebody else has just asked for the same address, and is sent the link.
  if (user === null) return;
  if (!isConfirmed) return requestConfirmation(user, asked, needs);
  const audit = { actor: user, action: 'user_signedup', logType: 'team', at: person.createdAt } as const;
  await needs.audit.record({ ...audit, traits: { provider: 'email' } });
  return sendTo(user, asked, needs);
}

function requireMaySignUp({ settings }: MagicLinkNeeds): void {
  if (!settings.password.allowSignup) deny(passwordConditions.signupDisabled);
}
