import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { User } from '../../core/records.js';
import { type ChallengeSettings, requireLinkChallenge } from '../../steps/challenge.js';
import { answerAlike, type LinkNeeds, mailLink } from '../../steps/mail-link.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { tooSoon } from '../../steps/one-time-secret.js';
import { type RedirectNeeds, redirectTarget } from '../../steps/redirect-target.js';
import { isBanned } from '../../steps/require-caller.js';
import { requirePhone, testCodeOf } from '../../steps/send-text.js';
import { requireEmail } from '../password/address.js';
import type { PasswordSettings } from '../password/password.options.js';
import type { PhoneSettings } from '../phone/phone.options.js';
import { requireCanText, textCode, type TextCodeNeeds } from '../phone/text-code.js';
import { type EmailChangeNeeds, sendEmailChange } from '../user/send-email-change.js';
import { type PhoneChangeNeeds, sendPhoneChange } from '../user/send-phone-change.js';
import { resend as operation, type ResendInput, verifyConditions } from './verify.contract.js';

type Settings = ChallengeSettings & { readonly password: PasswordSettings; readonly phone: PhoneSettings };
type Needs = LinkNeeds &
  RedirectNeeds &
  EmailChangeNeeds &
  PhoneChangeNeeds &
  TextCodeNeeds &
  Pick<LocalNeeds, 'users' | 'audit' | 'limits' | 'tokens' | 'hideDuration'> & {
    readonly settings: Settings;
  };

type Sent = { readonly message_id?: string };
type Send = (user: User, input: ResendInput, needs: Needs) => Promise<Sent>;

export const resend: Flow<typeof operation, Needs> = async (input, needs) => {
  const way = requireWay(input, needs.settings);
  const address = requireAddress(input, needs.settings);
  const { mail, phone, links } = needs.settings;
  if (way.isText) requireCanText(address, needs);
  const limit = way.isText
    ? { frequency: phone.maxFrequency, refusal: tooSoon.smsTooSoon }
    : { frequency: mail.maxFrequency };
  await answerAlike({ ...limit, purpose: way.purpose, address }, needs);
  const find = input.email ? 'findByEmail' : 'findByPhone';
  const user = await needs.users[find](address, needs.tokens.settings.audience);
  const isNobody = user === null || isBanned(user, needs.clock.now());
  const sent = isNobody ? {} : await way.send(user, input, needs);
  if (!links.uniformAnswers) return sent;
  return way.isText && testCodeOf(address, needs) !== undefined ? { message_id: 'test-otp' } : {};
};

const resendConfirmation: Send = async (user, input, needs) => {
  if (user.emailConfirmedAt !== null) return {};
  const redirectTo = redirectTarget(input.redirect_to, needs);
  await mailLink(user, { type: 'signup', challenge: input, redirectTo }, needs);
  const at = needs.clock.now();
  await needs.audit.record({ actor: user, action: 'user_confirmation_requested', logType: 'user', at });
  return {};
};

const resendEmailChange: Send = async (user, input, needs) => {
  const { newEmail } = user;
  if (newEmail === null) return {};
  const redirectTo = redirectTarget(input.redirect_to, needs);
  const change = { newEmail, challenge: input, redirectTo, frequency: frequencyIn(needs) };
  await sendEmailChange(user, change, needs);
  return {};
};

const resendCode: Send = async (user, _, needs) => {
  if (user.phoneConfirmedAt !== null || user.phone === null) return {};
  const sent = await textCode(user, { phone: user.phone, channel: 'sms' }, needs);
  const at = needs.clock.now();
  await needs.audit.record({ actor: user, action: 'user_recovery_requested', logType: 'user', at });
  return sent;
};

const resendPhoneChange: Send = async (user, _, needs) => {
  const { newPhone } = user;
  if (newPhone === null) return {};
  const isTest = testCodeOf(newPhone, needs) !== undefined;
  // That there is a change which cannot be texted is not to be told to strangers either.
  if (!needs.canText && !isTest) return {};
  await sendPhoneChange(user, { newPhone, channel: 'sms', frequency: frequencyIn(needs) }, needs);
  return isTest ? { message_id: 'test-otp' } : {};
};

/** None where `answerAlike` has counted: what the person themselves asked for last is not to be told to strangers. */
const frequencyIn = ({ settings }: Needs): number | undefined =>
  settings.links.uniformAnswers ? 0 : undefined;

interface Way {
  readonly purpose: string;
  readonly isText: boolean;
  readonly send: Send;
}

const ways: ReadonlyMap<string, Way> = new Map([
  ['signup', { purpose: 'confirmation', isText: false, send: resendConfirmation }],
  ['email_change', { purpose: 'email_change', isText: false, send: resendEmailChange }],
  ['sms', { purpose: 'confirmation', isText: true, send: resendCode }],
  ['phone_change', { purpose: 'phone_change', isText: true, send: resendPhoneChange }],
]);

function requireWay(input: ResendInput, settings: Settings): Way {
  const way = ways.get(input.type ?? '') ?? deny(verifyConditions.resendTypeUnknown);
  if (!way.isText) requireLinkChallenge(input, settings);
  return way;
}

/** The address in lower case, or the number, after the checks of contract 2.7 in its order. */
function requireAddress({ type, email, phone }: ResendInput, settings: Settings): string {
  if (!email && type === 'signup') deny(verifyConditions.resendNeedsEmail);
  if (!phone && type === 'sms') deny(verifyConditions.resendNeedsPhone);
  if (email && phone) deny(verifyConditions.resendBothAddresses);
  if (email) {
    if (!settings.password.enabled) deny(verifyConditions.resendEmailOff);
    return requireEmail(email);
  }
  if (!phone) return deny(verifyConditions.resendAddressMissing);
  if (!settings.phone.enabled) deny(verifyConditions.resendPhoneOff);
  return requirePhone(phone);
}
