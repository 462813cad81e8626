import { deny } from '../core/auth-error.js';
import type { IdpEmail, IdpProfile } from '../core/ports/idps.js';
import { oauthConditions } from '../features/oauth/oauth.contract.js';
import type { Answer } from './idp-definition.js';

const maxSubjectLength = 255;
const maxDataLength = 32 * 1024;
/** RFC 5321 section 4.5.3.1.3. */
const maxAddressLength = 254;

/** The text, or an empty one for whatever is none, or could not be written to a database. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' && !value.includes('\0') && value.isWellFormed() ? value : '';

/** A provider's number or text of somebody, as text. Numbers that JSON cannot carry exactly are none. */
export const idOf = (value: unknown): string => (Number.isSafeInteger(value) ? String(value) : textOf(value));

/** The two, or the one that there is. */
export const fullNameOf = (first: unknown, last: unknown): string =>
  `${textOf(first)} ${textOf(last)}`.trim();

/** The object, or an empty one. */
export const objectOf = (value: unknown): Answer =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Answer) : {};

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** `isVerified` must be true itself: a text, a number or an object proves nothing. */
export function emailOf(address: unknown, isVerified: unknown): IdpEmail | null {
  const text = textOf(address);
  if (text === '' || text.length > maxAddressLength) return null;
  return { address: text, isVerified: isVerified === true };
}

/**
 * The address to go by where a provider gives several: the primary one. GoTrue: otherwise the last; but that one is
 * not taken for verified, since nobody said that it is the one to reach the person at.
 */
export function primaryOf(emails: readonly unknown[]): IdpEmail | null {
  const all = emails.map(objectOf).filter(({ email }) => emailOf(email, false) !== null);
  const primary = all.find(({ primary: isPrimary }) => isPrimary === true);
  return primary ? emailOf(primary.email, primary.verified) : emailOf(all.at(-1)?.email, false);
}

interface Facts {
  readonly subject: unknown;
  readonly email: IdpEmail | null;
  /** Beside `sub`, `provider_id` and `email`. What is empty is left out, as GoTrue does. */
  readonly data: Answer;
}

/**
 * Makes the person of what a provider says.
 * @throws idpSubjectMissing, idpAnswerRefused
 */
export function profileOf({ subject, email, data }: Facts): IdpProfile {
  const sub = idOf(subject);
  if (sub === '' || sub.length > maxSubjectLength) deny(oauthConditions.idpSubjectMissing);
  const all = cleaned({ ...data, sub, email: email?.address }) as Answer;
  if (JSON.stringify(all).length > maxDataLength) {
    deny(oauthConditions.idpAnswerRefused, { value: 'Error getting user profile from external provider' });
  }
  return { subject: sub, email, data: all };
}

/** Without what is empty and what no database can hold. Undefined where nothing is left. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return textOf(value) || undefined;
  if (typeof value !== 'object') return value;
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    const items = value.map(cleaned).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  const entries = Object.entries(value).map(([name, item]) => [textOf(name), cleaned(item)] as const);
  const left = entries.filter(([name, item]) => name !== '' && item !== undefined);
  return left.length > 0 ? Object.fromEntries(left) : undefined;
}
