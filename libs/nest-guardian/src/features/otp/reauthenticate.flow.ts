import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { issueSecret, tooSoon } from '../../steps/one-time-secret.js';
import { requireCaller } from '../../steps/require-caller.js';
import { sendMail, type SendSettings } from '../../steps/send-mail.js';
import { sendCodeByText, testCodeOf, type TextSettings } from '../../steps/send-text.js';
import { otpConditions, reauthenticate as operation, type SentBody } from './otp.contract.js';

type Names =
  'users' | 'audit' | 'principal' | 'clock' | 'secrets' | 'secretForm' | 'outbox' | 'places' | 'canText';
type Needs = Pick<LocalNeeds, Names> & {
  readonly settings: SendSettings &
    TextSettings & {
      readonly links: { readonly codeLength: number; readonly codeLifetime: number };
      readonly mail: { readonly maxFrequency: number };
      readonly phone: { readonly codeLength: number; readonly maxFrequency: number };
    };
};

const slot = { slot: 'reauthentication', kind: 'reauthentication' } as const;

/** By mail to whoever has an address, else by text. */
export const reauthenticate: Flow<typeof operation, Needs> = async (_, needs) => {
  const { user } = await requireCaller(needs);
  const send = user.email === null ? requirePhoneToUse(user) : requireEmailToUse(user);
  await needs.audit.record({
    actor: user,
    action: 'user_reauthenticate_requested',
    logType: 'user',
    at: needs.clock.now(),
  });
  return send(user, needs);
};

function requireEmailToUse({ emailConfirmedAt }: User): typeof byMail {
  if (emailConfirmedAt === null) deny(otpConditions.reauthenticationEmailNotConfirmed);
  return byMail;
}

function requirePhoneToUse({ phone, phoneConfirmedAt }: User): typeof byText {
  if (phone === null) deny(otpConditions.reauthenticationWithoutAddress);
  if (phoneConfirmedAt === null) deny(otpConditions.reauthenticationPhoneNotConfirmed);
  return byText;
}

async function byMail(user: User, needs: Needs): Promise<SentBody> {
  const { links, mail } = needs.settings;
  const address = user.email ?? '';
  const order = { ...slot, address, digits: links.codeLength, frequency: mail.maxFrequency };
  const { code } = await issueSecret(user, order, needs);
  const [variables, lifetime] = [{ Token: code }, links.codeLifetime];
  await sendMail(user, { kind: 'reauthentication', to: address, variables, lifetime }, needs);
  return {};
}

async function byText(user: User, needs: Needs): Promise<SentBody> {
  const { codeLength: digits, maxFrequency: frequency } = needs.settings.phone;
  const phone = user.phone ?? '';
  const known = testCodeOf(phone, needs);
  if (!needs.canText && known === undefined) deny(otpConditions.smsSendFailed);
  const order = { ...slot, address: phone, digits, frequency, code: known, refusal: tooSoon.smsTooSoon };
  const { code } = await issueSecret(user, order, needs);
  return sendCodeByText({ phone, code, channel: 'sms' }, needs);
}
