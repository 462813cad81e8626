import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto';

/** GoTrue: marks what a link carries when the person is to come back with a code for a verifier (contract 6). */
export const pkcePrefix = 'pkce_';

/** What is sent, and what is kept of it. */
export interface MadeSecret {
  readonly code: string;
  /** What the link carries. */
  readonly linkToken: string;
  readonly linkHash: string;
  readonly codeHash: string;
}

export interface SecretWanted {
  readonly code: string;
  readonly address: string;
  /** Whether the link leads to a code for a verifier instead of a session. */
  readonly isPkce: boolean;
}

/** How one-time secrets are made, and under which hashes they are found again. */
export interface SecretForm {
  make(wanted: SecretWanted): MadeSecret;
  /** What a row may hold of what a link carried. */
  linkHashes(linkToken: string): readonly string[];
  /** What a row may hold of a code that was sent to this address. */
  codeHashes(address: string, code: string): readonly string[];
}

/** A code of so many decimal digits, all equally likely, zeros in front included. */
export const makeCode = (digits: number): string => String(randomInt(10 ** digits)).padStart(digits, '0');

const gotrueHash = (address: string, code: string): string =>
  createHash('sha224')
    .update(address.toLowerCase() + code)
    .digest('hex');

/**
 * GoTrue's own: the link carries what the row holds, the SHA-224 of address and code. Whoever reads the row has the
 * link, and whoever knows the address has only the codes to go through. For swaps with links under way.
 */
export const gotrueForm: SecretForm = {
  make({ code, address, isPkce }) {
    const linkToken = (isPkce ? pkcePrefix : '') + gotrueHash(address, code);
    return { code, linkToken, linkHash: linkToken, codeHash: linkToken };
  },
  linkHashes: (linkToken) => [linkToken],
  codeHashes: (address, code) => [gotrueHash(address, code), pkcePrefix + gotrueHash(address, code)],
};

/**
 * Links of 192 random bits that have nothing to do with the code, and keyed hashes of both: rows alone open nothing.
 * @param key asked for at each use, since signing keys may come later than this
 */
export const strongForm = (key: () => Buffer): SecretForm => {
  const hash = (text: string): string => createHmac('sha256', key()).update(text).digest('base64url');
  const linkHash = (linkToken: string): string => hash(`link\0${linkToken}`);
  const codeHash = (address: string, code: string): string => hash(`code\0${address.toLowerCase()}\0${code}`);
  return {
    make({ code, address, isPkce }) {
      const linkToken = (isPkce ? pkcePrefix : '') + randomBytes(24).toString('base64url');
      return { code, linkToken, linkHash: linkHash(linkToken), codeHash: codeHash(address, code) };
    },
    linkHashes: (linkToken) => [linkHash(linkToken)],
    codeHashes: (address, code) => [codeHash(address, code)],
  };
};
