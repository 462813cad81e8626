import { deny } from '../../core/auth-error.js';
import type { PasswordSettings } from './password.options.js';
import { passwordConditions } from './password.contract.js';

export interface Weakness {
  readonly message: string;
  readonly reasons: readonly string[];
}

/** Why today's policy would not take this password, or null. */
export function weaknessOf(password: string, { minLength }: PasswordSettings): Weakness | null {
  if ([...password].length >= minLength) return null;
  return { message: `Password should be at least ${minLength} characters.`, reasons: ['length'] };
}

/**
 * Takes a new password exactly as it was sent: never shortened, never folded.
 * @throws passwordTooLong, passwordUnreadable, weakPassword
 */
export function requireAcceptablePassword(password: string, settings: PasswordSettings): string {
  const { maxBytes } = settings;
  if (Buffer.byteLength(password) > maxBytes)
    deny(passwordConditions.passwordTooLong, { value: String(maxBytes) });
  if (password.includes('\0') || !password.isWellFormed()) deny(passwordConditions.passwordUnreadable);
  const weakness = weaknessOf(password, settings);
  if (weakness === null) return password;
  return deny(passwordConditions.weakPassword, {
    value: weakness.message,
    members: { weak_password: { reasons: weakness.reasons } },
  });
}
