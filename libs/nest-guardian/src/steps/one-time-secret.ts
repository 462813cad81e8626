import { deny } from '../core/auth-error.js';
import { conditions } from '../core/condition.js';
import type { SecretKind, SecretSlot } from '../core/ports/one-time-secrets.js';
import type { User } from '../core/records.js';
import { type MadeSecret, makeCode } from '../tokens/one-time-secret.js';
import type { LocalNeeds } from './needs.js';

/** What is said to those who ask again too soon (contract 6). */
export const tooSoon = conditions({
  emailTooSoon: {
    code: 'over_email_send_rate_limit',
    status: 429,
    message: (seconds) => `For security purposes, you can only request this after ${seconds} seconds.`,
  },
  smsTooSoon: {
    code: 'over_sms_send_rate_limit',
    status: 429,
    message: (seconds) => `For security purposes, you can only request this after ${seconds} seconds.`,
  },
});

type TooSoon = (typeof tooSoon)[keyof typeof tooSoon];

export interface SecretOrder {
  readonly slot: SecretSlot;
  readonly kind: SecretKind;
  /** Where it is sent: an address in lower case, or a number without the plus. */
  readonly address: string;
  readonly digits: number;
  /** Whether the link is to lead to a code for a verifier. */
  readonly isPkce?: boolean;
  /** Whether its proof takes away what is in the account, and stays so of what is sent again. */
  readonly isContested?: boolean;
  /** A code that is known beforehand; left out, one is made. */
  readonly code?: string;
  /** How long this user waits for the next one of this slot, in milliseconds; left out, not at all. */
  readonly frequency?: number;
  /** What is said when that is too soon. */
  readonly refusal?: TooSoon;
}

type IssueNeeds = Pick<LocalNeeds, 'secrets' | 'secretForm' | 'clock'>;

/**
 * Makes a code and a link token for the user and keeps their hashes; those sent before in the same slot open nothing
 * any more. Sending them is the caller's business.
 * @throws the order's `refusal`, with the seconds that are left
 */
export async function issueSecret(user: User, order: SecretOrder, needs: IssueNeeds): Promise<MadeSecret> {
  const {
    slot,
    kind,
    address,
    digits,
    isPkce = false,
    isContested,
    frequency = 0,
    refusal = tooSoon.emailTooSoon,
  } = order;
  const at = needs.clock.now();
  const made = needs.secretForm.make({ code: order.code ?? makeCode(digits), address, isPkce });
  const { linkHash, codeHash } = made;
  const unlessSentAfter = frequency > 0 ? new Date(at.getTime() - frequency) : undefined;
  const isPut = await needs.secrets.put({
    userId: user.id,
    slot,
    kind,
    address,
    linkHash,
    codeHash,
    isContested,
    at,
    unlessSentAfter,
  });
  if (isPut) return made;
  const sentAt = sentAtOf(user, slot);
  return deny(refusal, { value: String(secondsLeft(sentAt ?? at, frequency, at)) });
}

const sentAtOf = (user: User, slot: SecretSlot): Date | null =>
  ({
    confirmation: user.confirmationSentAt,
    recovery: user.recoverySentAt,
    email_change_new: user.emailChangeSentAt,
    email_change_current: user.emailChangeSentAt,
    phone_change: user.phoneChangeSentAt,
    reauthentication: user.reauthenticationSentAt,
  })[slot];

const secondsLeft = (since: Date, span: number, now: Date): number =>
  Math.max(1, Math.ceil((since.getTime() + span - now.getTime()) / 1000));

/** Who asks for something to be sent to an address: the purpose, and how long it waits for the next. */
export interface SendingLimit {
  readonly purpose: string;
  readonly address: string;
  /** Milliseconds. */
  readonly frequency: number;
  readonly refusal?: TooSoon;
}

/**
 * Counts a sending to an address, whether anybody has it or not, so that the second answer tells as little as the
 * first. What it counts stays when the unit of work is committed.
 * @throws `refusal` with the seconds that are left
 */
export async function requireNotTooSoon(
  { purpose, address, frequency, refusal = tooSoon.emailTooSoon }: SendingLimit,
  needs: Pick<LocalNeeds, 'limits' | 'tokens' | 'clock'>,
): Promise<void> {
  if (frequency === 0) return;
  const at = needs.clock.now();
  const key = `${purpose}:${addressKey(address, needs)}`;
  const freeAt = await needs.limits.take({ key, max: 1, window: frequency, at });
  if (freeAt !== null) deny(refusal, { value: String(secondsLeft(freeAt, 0, at)) });
}

/** What stands for an address where nobody shall read it. */
export const addressKey = (address: string, { tokens }: Pick<LocalNeeds, 'tokens'>): string =>
  tokens.keyedHash(address.toLowerCase());
