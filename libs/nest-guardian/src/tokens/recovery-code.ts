import { createHash, randomInt } from 'node:crypto';

/** Without what can be taken for something else when it is read from paper. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
const groups = 4;

/** 80 random bits, in groups that people can copy: `k3md-x9pq-2vht-7rwa`. */
export const newRecoveryCode = (): string =>
  Array.from({ length: groups }, () =>
    Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join(''),
  ).join('-');

/**
 * What a table may hold of a code of this person. Not keyed: keys are rotated, and codes are to be good for years.
 * Of 80 random bits a hash gives nothing away.
 */
export const recoveryCodeHash = (userId: string, code: string): string =>
  createHash('sha256')
    .update(`recovery code\0${userId}\0${code.toLowerCase().replace(/[\s-]/g, '')}`)
    .digest('base64url');
