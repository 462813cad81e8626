import { deny } from '../core/auth-error.js';
import { conditions } from '../core/condition.js';
import type { LocalNeeds } from './needs.js';

export const textConditions = conditions({
  phoneInvalid: {
    code: 'validation_failed',
    status: 400,
    message: 'Invalid phone number format (E.164 required)',
  },
  channelInvalid: {
    code: 'validation_failed',
    status: 400,
    message:
      "Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the provider.",
  },
});

/** What those who send texts read of their settings. */
export interface TextSettings {
  readonly phone: {
    readonly codeLifetime: number;
    readonly testCodes: Readonly<Record<string, string>>;
    readonly testCodesUntil: string;
  };
}

/** The number as it is kept: E.164 without plus and spaces (contract 2.3). @throws phoneInvalid */
export function requirePhone(phone: string): string {
  return isPhone(phone) ? plainPhone(phone) : deny(textConditions.phoneInvalid);
}

/** Whether this is a number at all. */
export const isPhone = (phone: string): boolean => /^[1-9]\d{1,14}$/.test(plainPhone(phone));

/** Without plus and spaces, whatever it is. */
export const plainPhone = (phone: string): string => phone.replace(/^\+/, '').replaceAll(' ', '');

/** @throws channelInvalid */
export function requireChannel(channel = ''): 'sms' | 'whatsapp' {
  if (!['', 'sms', 'whatsapp'].includes(channel)) deny(textConditions.channelInvalid);
  return channel === 'whatsapp' ? 'whatsapp' : 'sms';
}

type Needs = Pick<LocalNeeds, 'outbox' | 'clock'> & { readonly settings: TextSettings };

/** The code that is always this number's, if it has one; such a number gets no text. */
export function testCodeOf(phone: string, { settings, clock }: Omit<Needs, 'outbox'>): string | undefined {
  const { testCodes, testCodesUntil } = settings.phone;
  const isOver = testCodesUntil !== '' && Date.parse(testCodesUntil) <= clock.now().getTime();
  return isOver || !Object.hasOwn(testCodes, phone) ? undefined : String(testCodes[phone]);
}

export interface CodeText {
  readonly phone: string;
  readonly code: string;
  readonly channel: 'sms' | 'whatsapp';
}

/**
 * Puts a text with the code into the outbox, unless the number is one for tests.
 * @returns GoTrue's id of a text that is not sent, or nothing
 */
export async function sendCodeByText(
  { phone, code, channel }: CodeText,
  needs: Needs,
): Promise<{ readonly message_id?: string }> {
  if (testCodeOf(phone, needs) !== undefined) return { message_id: 'test-otp' };
  const at = needs.clock.now();
  await needs.outbox.put({
    channel: 'sms',
    kind: channel,
    recipient: phone,
    variables: { Code: code },
    at,
    expiresAt: new Date(at.getTime() + needs.settings.phone.codeLifetime),
  });
  return {};
}
