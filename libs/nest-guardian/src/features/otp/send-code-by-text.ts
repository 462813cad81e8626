import { deny } from '../../core/auth-error.js';
import type { User } from '../../core/records.js';
import { answerAlike } from '../../steps/mail-link.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { tooSoon } from '../../steps/one-time-secret.js';
import { isBanned } from '../../steps/require-caller.js';
import { isPhone, requireChannel, requirePhone, testCodeOf } from '../../steps/send-text.js';
import type { LinksSettings } from '../links/links.options.js';
import { insertPerson } from '../password/new-person.js';
import { passwordConditions } from '../password/password.contract.js';
import { newPersonByPhone } from '../phone/new-person-by-phone.js';
import type { PhoneSettings } from '../phone/phone.options.js';
import { noteSignUp, requestConfirmation } from '../phone/sign-up-with-phone.js';
import { type Reach, requireCanText, textCode, type TextCodeNeeds } from '../phone/text-code.js';
import { requireMetadataFits } from '../user/require-metadata-fits.js';
import type { UserSettings } from '../user/user.options.js';
import { otpConditions, type SendOtpInput, type SentBody } from './otp.contract.js';

export type SendOtpByTextNeeds = TextCodeNeeds &
  Pick<LocalNeeds, 'users' | 'audit' | 'limits' | 'tokens' | 'hideDuration'> & {
    readonly settings: {
      readonly links: LinksSettings;
      readonly password: { readonly allowSignup: boolean };
      readonly phone: PhoneSettings;
      readonly user: UserSettings;
    };
  };

type Asked = Pick<SendOtpInput, 'create_user' | 'data'> & Reach;

/**
 * Texts a code that signs in, to a new account where the number has none yet. Where the options say so, the answer
 * tells nothing of what was found.
 * @throws otpDisabled, otpPhoneDisabled, phoneInvalid, channelInvalid, smsSendFailed, smsTooSoon, signupDisabled
 */
export async function sendOtpByText(input: SendOtpInput, needs: SendOtpByTextNeeds): Promise<SentBody> {
  const { links, phone: settings, user: limits } = needs.settings;
  // GoTrue: what is no number is nobody's, and nobody is to be created.
  if (!links.uniformAnswers && input.create_user === false && !isPhone(input.phone ?? '')) {
    deny(otpConditions.otpDisabled);
  }
  if (!settings.enabled) deny(otpConditions.otpPhoneDisabled);
  const phone = requirePhone(input.phone ?? '');
  const asked = { ...input, phone, channel: requireChannel(input.channel) };
  requireMetadataFits(input.data ?? {}, limits);
  requireCanText(phone, needs);
  const limit = { purpose: 'confirmation', address: phone, frequency: settings.maxFrequency };
  await answerAlike({ ...limit, refusal: tooSoon.smsTooSoon }, needs);
  const user = await needs.users.findByPhone(phone, needs.tokens.settings.audience);
  const sent = user === null ? await textNobodyYet(asked, needs) : await text(user, asked, needs);
  if (!links.uniformAnswers) return sent;
  return testCodeOf(phone, needs) === undefined ? {} : { message_id: 'test-otp' };
}

async function text(user: User, asked: Asked, needs: SendOtpByTextNeeds): Promise<SentBody> {
  const at = needs.clock.now();
  if (isBanned(user, at)) return {};
  const { links, phone } = needs.settings;
  const isUnproved = user.phoneConfirmedAt === null && !phone.autoconfirm;
  if (isUnproved && !links.uniformAnswers) {
    requireMaySignUp(needs);
    await requestConfirmation(user, asked, needs);
    return {};
  }
  const slot = isPrepared(user, needs) ? 'recovery' : 'confirmation';
  const sent = await textCode(user, { ...asked, slot }, needs);
  const traits = { channel: asked.channel };
  await needs.audit.record({ actor: user, action: 'user_recovery_requested', logType: 'user', traits, at });
  return sent;
}

/**
 * P-01: whoever signed up with somebody else's number has chosen password and metadata, and waits for its owner to
 * confirm it by signing in. What is there goes with the proof, not before: anybody can ask. GoTrue: it stays.
 */
const isPrepared = (
  { phoneConfirmedAt, emailConfirmedAt }: User,
  { settings }: SendOtpByTextNeeds,
): boolean => phoneConfirmedAt === null && emailConfirmedAt === null && settings.links.clearUnproved;

async function textNobodyYet(asked: Asked, needs: SendOtpByTextNeeds): Promise<SentBody> {
  const { links, phone: settings, password } = needs.settings;
  const mayCreate = asked.create_user ?? true;
  if (!links.uniformAnswers) {
    if (!mayCreate) deny(otpConditions.otpDisabled);
    requireMaySignUp(needs);
  }
  if (!mayCreate || !password.allowSignup) return {};
  const { phone, data } = asked;
  const isConfirmed = settings.autoconfirm;
  // GoTrue keeps the hash of a password that nobody knows. Without one, an account says that it has none.
  const person = newPersonByPhone({ phone, data, passwordHash: null, isConfirmed }, needs);
  const user = await insertPerson(person, needs);
  // Race: somebody else has just asked for the same number, which is sent the code.
  if (user === null) return {};
  if (!isConfirmed) {
    await requestConfirmation(user, asked, needs);
    return {};
  }
  await noteSignUp(user, asked, needs);
  return text(user, asked, needs);
}

function requireMaySignUp({ settings }: SendOtpByTextNeeds): void {
  if (!settings.password.allowSignup) deny(passwordConditions.signupDisabled);
}
