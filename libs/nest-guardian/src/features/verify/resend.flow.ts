import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { SecretKind, SecretSlot } from '../../core/ports/one-time-secrets.js';
import type { User } from '../../core/records.js';
import { type ChallengeSettings, requireLinkChallenge } from '../../steps/challenge.js';
import { answerAlike, type LinkNeeds, mailLink } from '../../steps/mail-link.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { issueSecret, tooSoon } from '../../steps/one-time-secret.js';
import { type RedirectNeeds, redirectTarget } from '../../steps/redirect-target.js';
import { isBanned } from '../../steps/require-caller.js';
import { requirePhone, sendCodeByText, testCodeOf } from '../../steps/send-text.js';
import { requireEmail } from '../password/address.js';
import type { PasswordSettings } from '../password/password.options.js';
import type { PhoneSettings } from '../phone/phone.options.js';
import { type EmailChangeNeeds, sendEmailChange } from '../user/send-email-change.js';
import { resend as operation, type ResendInput, verifyConditions } from './verify.contract.js';

type Settings = ChallengeSettings & { readonly password: PasswordSettings; readonly phone: PhoneSettings };
type Needs = LinkNeeds &
  RedirectNeeds &
  EmailChangeNeeds &
  Pick<LocalNeeds, 'users' | 'audit' | 'limits' | 'tokens' | 'hideDuration'> & {
    readonly settings: Settings;
  };

type Sent = { readonly message_id?: string };
type Send = (user: User, input: ResendInput, needs: Needs) => Promise<Sent>;

export const resend: Flow<typeof operation, Needs> = async (input, needs) => {
  const way = requireWay(input, needs.settings);
  const address = requireAddress(input, needs.settings);
  const { mail, phone } = needs.settings;
  const limit = way.isText
    ? { frequency: phone.maxFrequency, refusal: tooSoon.smsTooSoon }
    : { frequency: mail.maxFrequency };
  await answerAlike({ ...limit, purpose: way.purpose, address }, needs);
  const find = input.email ? 'findByEmail' : 'findByPhone';
  const user = await needs.users[find](address, needs.tokens.settings.audience);
  return user === null || isBanned(user, needs.clock.now()) ? {} : way.send(user, input, needs);
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
  // Counted already, and what the person themselves asked for last is not to be told to strangers.
  const frequency = needs.settings.links.uniformAnswers ? 0 : undefined;
  await sendEmailChange(user, { newEmail, challenge: input, redirectTo, frequency }, needs);
  return {};
};

const resendText: Send = async (user, _, needs) => {
  if (user.phoneConfirmedAt !== null || user.phone === null) return {};
  const sent = await sendText(user, { slot: 'confirmation', kind: 'sms', address: user.phone }, needs);
  const at = needs.clock.now();
  await needs.audit.record({ actor: user, action: 'user_recovery_requested', logType: 'user', at });
  return sent;
};

const resendPhoneChange: Send = async (user, _, needs) =>
  user.newPhone === null
    ? {}
    : sendText(user, { slot: 'phone_change', kind: 'phone_change', address: user.newPhone }, needs);

interface Text {
  readonly slot: SecretSlot;
  readonly kind: SecretKind;
  readonly address: string;
}

async function sendText(user: User, text: Text, needs: Needs): Promise<Sent> {
  const { phone, links } = needs.settings;
  const order = {
    ...text,
    digits: phone.codeLength,
    code: testCodeOf(text.address, needs),
    frequency: links.uniformAnswers ? undefined : phone.maxFrequency,
    refusal: tooSoon.smsTooSoon,
  };
  const { code } = await issueSecret(user, order, needs);
  return sendCodeByText({ phone: text.address, code, channel: 'sms' }, needs);
}

interface Way {
  readonly purpose: string;
  readonly isText: boolean;
  readonly send: Send;
}

const ways: ReadonlyMap<string, Way> = new Map([
  ['signup', { purpose: 'confirmation', isText: false, send: resendConfirmation }],
  ['email_change', { purpose: 'email_change', isText: false, send: resendEmailChange }],
  ['sms', { purpose: 'confirmation', isText: true, send: resendText }],
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
