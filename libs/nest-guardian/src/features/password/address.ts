import { deny } from '../../core/auth-error.js';
import type { PkceMembers } from '../../wire/session.js';
import { passwordConditions } from './password.contract.js';

// GoTrue: the pattern of its e-mail check, itself the one of the HTML standard. Linear: no nested repetition overlaps.
const emailPattern =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

/** The address in lower case. @throws emailTooLong, emailInvalid */
export function requireEmail(email: string): string {
  if (email.length > 255) deny(passwordConditions.emailTooLong);
  if (!emailPattern.test(email)) deny(passwordConditions.emailInvalid);
  return email.toLowerCase();
}

/** @throws challengeIncomplete, challengeLength, challengeCharacters, challengeMethod */
export function requireWholeChallenge({
  code_challenge = '',
  code_challenge_method = '',
}: PkceMembers): void {
  if ((code_challenge === '') !== (code_challenge_method === ''))
    deny(passwordConditions.challengeIncomplete);
  if (code_challenge === '') return;
  if (code_challenge.length < 43 || code_challenge.length > 128) deny(passwordConditions.challengeLength);
  if (!/^[A-Za-z0-9._~-]+$/.test(code_challenge)) deny(passwordConditions.challengeCharacters);
  if (!/^(s256|plain)$/i.test(code_challenge_method)) deny(passwordConditions.challengeMethod);
}
