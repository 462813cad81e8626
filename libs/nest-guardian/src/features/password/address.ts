import { deny } from '../../core/auth-error.js';
import { passwordConditions } from './password.contract.js';

// GoTrue: the pattern of its e-mail check, itself the one of the HTML standard. Linear: no nested repetition overlaps.
const emailPattern =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

/** The address in lower case. @throws emailTooLong, emailInvalid */
export function requireEmail(email: string): string {
  if (isTooLong(email)) deny(passwordConditions.emailTooLong);
  if (!isEmail(email)) deny(passwordConditions.emailInvalid);
  return email.toLowerCase();
}

/** Whether this is an address at all. */
export const isEmail = (email: string): boolean => !isTooLong(email) && emailPattern.test(email);

const isTooLong = (email: string): boolean => email.length > 255;
