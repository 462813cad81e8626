import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import { isSignedBy } from './algorithms.js';
import { decodeBase64url } from './base64url.js';
import type { KeySet } from './key-set.js';
import { parseStrictObject } from './strict-json.js';
import { isKeyId } from './token-key.js';

export const maxTokenLength = 8192;
const headerMembers: ReadonlySet<string> = new Set(['alg', 'kid', 'typ']);

/** A compact JWS (RFC 7515 section 3.1) that is well formed. Says nothing about who signed it. */
export interface Jws {
  readonly algorithm: string;
  readonly kid: string | undefined;
  readonly signingInput: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
}

/** GoTrue: the reasons begin with the words of its JWT library, which clients have come to read. */
export function refuseToken(reason: string, cause?: unknown): never {
  deny(common.badJwt, { value: reason, cause });
}

/**
 * Takes a token apart. Anything that has a second spelling, or an unknown header member, is refused, and what says
 * that it is another kind of token.
 */
export function parseJws(token: string, readHeader = ofAccessTokens): Jws {
  if (typeof token !== 'string' || token.length > maxTokenLength) refuseToken('token is malformed: too long');
  const first = token.indexOf('.');
  const last = token.lastIndexOf('.');
  if (first === last || token.indexOf('.', first + 1) !== last) {
    refuseToken('token is malformed: token contains an invalid number of segments');
  }
  const header = readHeader(token.slice(0, first));
  const payload = decodeBase64url(token.slice(first + 1, last));
  if (payload === null) refuseToken('token is malformed: could not base64 decode claim');
  const signature = decodeBase64url(token.slice(last + 1));
  if (signature === null) refuseToken('token is malformed: could not base64 decode signature');
  const { algorithm, kid } = header;
  return { algorithm, kid, signingInput: token.slice(0, last), payload, signature };
}

export type Header = Pick<Jws, 'algorithm' | 'kid'>;
/** Reads the first segment of a token. */
export type ReadHeader = (segment: string) => Header;

/**
 * Reads headers of these types (RFC 8725 section 3.11). Tokens of one signer have the same header to the letter, so
 * the last one is nearly always this one.
 */
export function headerReader(types: ReadonlySet<unknown>): ReadHeader {
  let last: { readonly segment: string; readonly header: Header } | null = null;
  return (segment) => {
    if (last?.segment !== segment) last = { segment, header: readHeader(segment, types) };
    return last.header;
  };
}

const ofAccessTokens = headerReader(new Set([undefined, 'JWT', 'at+jwt']));

function readHeader(segment: string, types: ReadonlySet<unknown>): Header {
  const bytes = decodeBase64url(segment);
  if (bytes === null) refuseToken('token is malformed: could not base64 decode header');
  const header = parseStrictObject(bytes);
  if (header === null) refuseToken('token is malformed: could not JSON decode header');
  const { alg, kid, typ } = header;
  if (!Object.keys(header).every((member) => headerMembers.has(member))) {
    refuseToken('token is malformed: unknown header member');
  }
  if (typeof alg !== 'string') refuseToken('token is unverifiable: signing method (alg) is unspecified');
  if (kid !== undefined && !isKeyId(kid)) refuseToken('token is malformed: kid cannot be read');
  if (!types.has(typ)) refuseToken('token is malformed: not an access token');
  return { algorithm: alg, kid };
}

/** The payload of a token that one of these keys has signed. The key decides the algorithm, not the token. */
export function openJws(jws: Jws, keys: KeySet): Buffer {
  const { algorithm, kid } = jws;
  if (!keys.algorithms.has(algorithm)) {
    // Only what looks like an algorithm's name is repeated to the client.
    const name = /^[A-Za-z0-9]{1,16}$/.test(algorithm) ? algorithm : '(alg)';
    refuseToken(`token signature is invalid: signing method ${name} is invalid`);
  }
  const key = keys.find(algorithm, kid);
  if (key === null) refuseToken('token is unverifiable: unrecognized JWT kid');
  let isGenuine = false;
  try {
    isGenuine = isSignedBy(key, jws.signingInput, jws.signature);
  } catch (cause) {
    refuseToken('token signature is invalid: signature is invalid', cause);
  }
  if (!isGenuine) refuseToken('token signature is invalid: signature is invalid');
  return jws.payload;
}

/** Takes a token apart and returns its payload if one of these keys has signed it. */
export const verifyJws = (token: string, keys: KeySet, readHeader?: ReadHeader): Buffer =>
  openJws(parseJws(token, readHeader), keys);
