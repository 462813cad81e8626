import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import {
  type ChallengeSettings,
  requireLinkChallenge,
  requireWholeChallenge,
} from '../../steps/challenge.js';
import { isEmail, requireEmail } from '../password/address.js';
import { requireMetadataFits } from '../user/require-metadata-fits.js';
import type { UserSettings } from '../user/user.options.js';
import { type MagicLinkNeeds, mailMagicLink } from './mail-magic-link.js';
import { sendOtpByText, type SendOtpByTextNeeds } from './send-code-by-text.js';
import { otpConditions, sendMagicLink as magicLinkOperation, sendOtp as operation } from './otp.contract.js';
import type { SendMagicLinkInput, SendOtpInput, SentBody } from './otp.contract.js';

type Needs = MagicLinkNeeds &
  SendOtpByTextNeeds & {
    readonly settings: ChallengeSettings & { readonly user: UserSettings };
  };

export const sendOtp: Flow<typeof operation, Needs> = async (input, needs) => {
  requireOneWay(input, needs.settings);
  if (input.phone) return sendOtpByText(input, needs);
  if (!input.email) return deny(otpConditions.otpAddressMissing);
  const { uniformAnswers } = needs.settings.links;
  // GoTrue: what is no address is nobody's, and nobody is to be created.
  if (!uniformAnswers && input.create_user === false && !isEmail(input.email)) {
    deny(otpConditions.otpDisabled);
  }
  return sendByMail(input, needs);
};

export const sendMagicLink: Flow<typeof magicLinkOperation, Needs> = async (input, needs) => {
  requireEmailEnabled(needs);
  if (!input.email) deny(otpConditions.magicLinkAddressMissing);
  return sendByMail(input, needs);
};

/** The checks that both ways share, in the order of contract 2.5. */
function sendByMail(input: SendMagicLinkInput, needs: Needs): Promise<SentBody> {
  requireEmailEnabled(needs);
  const email = requireEmail(input.email ?? '');
  requireLinkChallenge(input, needs.settings);
  requireMetadataFits(input.data ?? {}, needs.settings.user);
  return mailMagicLink(email, input, needs);
}

function requireOneWay(input: SendOtpInput, settings: ChallengeSettings): void {
  if (input.email && input.phone) deny(otpConditions.otpBothAddresses);
  if (input.email && input.channel) deny(otpConditions.channelWithoutPhone);
  requireWholeChallenge(input, settings);
}

function requireEmailEnabled({ settings }: Needs): void {
  if (!settings.password.enabled) deny(otpConditions.otpEmailDisabled);
}
