import { deny } from '../../core/auth-error.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { issueSecret, tooSoon } from '../../steps/one-time-secret.js';
import { sendCodeByText, testCodeOf, type TextSettings } from '../../steps/send-text.js';
import { requireStored } from './require-stored.js';
import { userConditions } from './user.contract.js';

export type PhoneChangeNeeds = Pick<
  LocalNeeds,
  'users' | 'secrets' | 'secretForm' | 'outbox' | 'clock' | 'canText'
> & {
  readonly settings: TextSettings & {
    readonly phone: { readonly codeLength: number; readonly maxFrequency: number };
  };
};

export interface PhoneChange {
  /** E.164 without the plus. */
  readonly newPhone: string;
  readonly channel: 'sms' | 'whatsapp';
  /** How long the user waits for the next one, in milliseconds; left out, as the options say. */
  readonly frequency?: number;
}

/**
 * Asks by text whether the number may become the user's. Codes sent before open nothing any more, and until it is
 * answered nothing changes. A number that somebody has already gets no text; whoever asked sees no difference.
 * @returns the user as they are now
 * @throws phoneChangeOff where no text can be sent, smsTooSoon
 */
export async function sendPhoneChange(
  user: User,
  { newPhone, channel, frequency }: PhoneChange,
  needs: PhoneChangeNeeds,
): Promise<User> {
  const code = testCodeOf(newPhone, needs);
  if (!needs.canText && code === undefined) deny(userConditions.phoneChangeOff);
  const { codeLength: digits, maxFrequency } = needs.settings.phone;
  const secret = await issueSecret(
    user,
    {
      slot: 'phone_change',
      kind: 'phone_change',
      address: newPhone,
      digits,
      code,
      frequency: frequency ?? maxFrequency,
      refusal: tooSoon.smsTooSoon,
    },
    needs,
  );
  const asked = requireStored(await needs.users.update(user.id, { newPhone }, needs.clock.now()));
  const owner = await needs.users.findByPhone(newPhone, user.audience);
  if (owner === null || owner.id === user.id) {
    await sendCodeByText({ phone: newPhone, code: secret.code, channel }, needs);
  }
  return asked;
}
