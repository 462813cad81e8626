import { deny } from '../../core/auth-error.js';
import type { PasswordSettings } from './password.options.js';
import { passwordConditions } from './password.contract.js';
import { weaknessOf } from './weakness.js';

/**
 * Takes a new password exactly as it was sent: never shortened, never folded, never normalised.
 * @param email the address it will stand beside
 * @throws passwordTooLong, passwordUnreadable, weakPassword
 */
export function requireAcceptablePassword(
  password: string,
  email: string | null,
  settings: PasswordSettings,
): string {
  requireReadablePassword(password, settings);
  const weakness = weaknessOf(password, email, settings);
  if (weakness === null) return password;
  return deny(passwordConditions.weakPassword, {
    value: weakness.message,
    members: { weak_password: { reasons: weakness.reasons } },
  });
}

/** Takes a password of any strength, as long as it can be hashed as it is. @throws passwordTooLong, passwordUnreadable */
export function requireReadablePassword(password: string, { maxBytes }: PasswordSettings): void {
  if (Buffer.byteLength(password) > maxBytes)
    deny(passwordConditions.passwordTooLong, { value: String(maxBytes) });
  if (password.includes('\0') || !password.isWellFormed()) deny(passwordConditions.passwordUnreadable);
}
