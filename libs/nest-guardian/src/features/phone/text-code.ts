import { deny } from '../../core/auth-error.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { issueSecret, tooSoon } from '../../steps/one-time-secret.js';
import { sendCodeByText, testCodeOf, type TextSettings } from '../../steps/send-text.js';
import { otpConditions, type SentBody } from '../otp/otp.contract.js';

export type TextCodeNeeds = Pick<LocalNeeds, 'secrets' | 'secretForm' | 'outbox' | 'clock' | 'canText'> & {
  readonly settings: TextSettings & {
    readonly links: { readonly uniformAnswers: boolean };
    readonly phone: { readonly codeLength: number; readonly maxFrequency: number };
  };
};

/** A number, and how texts reach it. */
export interface Reach {
  /** E.164 without the plus. */
  readonly phone: string;
  readonly channel: 'sms' | 'whatsapp';
}

export interface CodeOrder extends Reach {
  /**
   * Of `recovery` the first proof of the number takes away what was prepared in the account; left out, it is the
   * sign-up that goes on.
   */
  readonly slot?: 'confirmation' | 'recovery';
}

/**
 * Texts the user a code that confirms their number; one sent before opens nothing any more. Where known and unknown
 * numbers are answered alike, how often it may be asked is counted by `answerAlike` and not here.
 * @throws smsTooSoon
 */
export async function textCode(
  user: User,
  { phone, channel, slot = 'confirmation' }: CodeOrder,
  needs: TextCodeNeeds,
): Promise<SentBody> {
  const { links, phone: settings } = needs.settings;
  const { code } = await issueSecret(
    user,
    {
      slot,
      kind: 'sms',
      address: phone,
      digits: settings.codeLength,
      code: testCodeOf(phone, needs),
      frequency: links.uniformAnswers ? undefined : settings.maxFrequency,
      refusal: tooSoon.smsTooSoon,
    },
    needs,
  );
  return sendCodeByText({ phone, code, channel }, needs);
}

/** Asked before anybody looks whose the number is, so that it tells nothing of that. @throws smsSendFailed */
export function requireCanText(phone: string, needs: Omit<TextCodeNeeds, 'outbox'>): void {
  if (!needs.canText && testCodeOf(phone, needs) === undefined) deny(otpConditions.smsSendFailed);
}
