import { isCommonPassword } from './common-passwords.js';
import type { PasswordSettings } from './password.options.js';

export interface Weakness {
  readonly message: string;
  /** GoTrue's words for it: `length`, `characters`, `pwned`. */
  readonly reasons: readonly string[];
}

/**
 * Why today's policy would not take this password, or null.
 * @param email the person's address, which nobody may use as a password
 */
export function weaknessOf(
  password: string,
  email: string | null,
  settings: PasswordSettings,
): Weakness | null {
  const { minLength, requiredCharacters: sets } = settings;
  const faults: (readonly [reason: string, message: string])[] = [];
  if ([...password].length < minLength) {
    faults.push(['length', `Password should be at least ${minLength} characters.`]);
  }
  if (!sets.every((set) => [...set].some((character) => password.includes(character)))) {
    const message = `Password should contain at least one character of each: ${sets.join(', ')}.`;
    faults.push(['characters', message]);
  }
  if (settings.refuseCommon && isGuessable(password, wordsAbout(email, settings))) {
    faults.push(['pwned', 'Password is known to be weak and easy to guess, please choose a different one.']);
  }
  if (faults.length === 0) return null;
  return {
    reasons: faults.map(([reason]) => reason),
    message: faults.map(([, message]) => message).join(' '),
  };
}

const wordsAbout = (email: string | null, { contextWords }: PasswordSettings): readonly string[] =>
  [email ?? '', email?.split('@')[0] ?? '', ...contextWords].map(withoutTail).filter((word) => word !== '');

/** A common password, or one of these words, with or without digits and signs behind it. */
function isGuessable(password: string, words: readonly string[]): boolean {
  return isCommonPassword(password) || words.includes(withoutTail(password));
}

/** Up to the last letter, in lower case. */
const withoutTail = (text: string): string => /^.*\p{L}/su.exec(text.toLowerCase())?.[0] ?? '';
