import { duration, flag, integer, type Option, type Settings, text } from '../../core/option.js';
import type { SmsSender } from '../../core/ports/sms-sender.js';

/** Codes by number, e.g. `{ '15550100': '123456' }`. */
export type TestCodes = Readonly<Record<string, string>>;

const testCodes: Option<TestCodes> = {
  default: {},
  env: 'GOTRUE_SMS_TEST_OTP',
  fromText: (said) =>
    Object.fromEntries(
      said.split(',').map((pair) => {
        const [number = '', code = ''] = pair.split(/[:=]/);
        return [number.trim().replace(/^\+/, ''), code.trim()];
      }),
    ),
  read: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(
      ([number, code]) => /^[1-9]\d{1,14}$/.test(number) && /^\d{4,12}$/.test(String(code)),
    )
      ? { value: value as TestCodes }
      : { mustBe: 'codes of digits by number, as { "15550100": "123456" }' },
};

/** A time that cannot be read would never come. */
const testCodesUntil: Option<string> = {
  ...text('', 'GOTRUE_SMS_TEST_OTP_VALID_UNTIL'),
  read: (value) =>
    typeof value === 'string' && (value === '' || !Number.isNaN(Date.parse(value)))
      ? { value }
      : { mustBe: 'a time, as 2030-01-31T00:00:00Z' },
};

const sender: Option<SmsSender | null> = {
  default: null,
  read: (value) =>
    typeof (value as Partial<SmsSender> | null)?.send === 'function'
      ? { value: value as SmsSender }
      : { mustBe: 'an SmsSender' },
};

/** The options of people who have a telephone number. */
export const phoneOptions = {
  /** Whether people sign up and in with a number. */
  enabled: flag(false, 'GOTRUE_EXTERNAL_PHONE_ENABLED'),
  /** Whether a number counts as confirmed at sign-up, without a text. */
  autoconfirm: flag(false, 'GOTRUE_SMS_AUTOCONFIRM'),
  /** How long a texted code opens the door. */
  codeLifetime: duration('60s', 'GOTRUE_SMS_OTP_EXP'),
  /** How many digits it has. */
  codeLength: integer(6, { min: 6, max: 10 }, 'GOTRUE_SMS_OTP_LENGTH'),
  /** How long a number waits for the next text. */
  maxFrequency: duration('60s', 'GOTRUE_SMS_MAX_FREQUENCY'),
  /** What a text says. */
  template: text('Your code is {{ .Code }}', 'GOTRUE_SMS_TEMPLATE'),
  /** What `/settings` says of who carries texts. */
  service: text('', 'GOTRUE_SMS_PROVIDER'),
  /**
   * Where texts are posted as JSON, `{ to, text, channel }`; whoever listens there sends them. Left out, development
   * prints them on the console, and production sends none.
   */
  webhookUrl: text(''),
  /** Carries texts in place of the webhook. */
  sender,
  /** Signs what is posted, as https://www.standardwebhooks.com says: `whsec_` and base64. */
  webhookSecret: text(''),
  /** Numbers that get no text and whose code is always this one, for reviewers of app stores and for tests. */
  testCodes,
  /** Until when those hold, as RFC 3339; left out, for ever. */
  testCodesUntil,
} as const;

export type PhoneSettings = Settings<typeof phoneOptions>;
