import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeBase64url } from './base64url.js';

const version = 0;
const idLength = 16;
const macLength = 16;
const checksumLength = 4;
// A counter is one to eight bytes: seven bits each, up to the largest safe integer.
const longest = Math.ceil(((1 + idLength + 8 + macLength + checksumLength) * 4) / 3);

/** A refresh token of GoTrue's second kind: it names its session and its place in the order of rotation. */
export interface RefreshTokenV2 {
  readonly kind: 'v2';
  readonly sessionId: string;
  readonly counter: number;
  /** What the MAC is over. */
  readonly signed: Buffer;
  readonly mac: Buffer;
}

/** Of the first kind: a random word that stands in a table. */
export interface RefreshTokenV1 {
  readonly kind: 'v1';
  readonly token: string;
}

/**
 * Reads a refresh token; null for what cannot be one, which a checksum tells without asking any store. It
 * proves nothing: ask `verifyRefreshTokenMac`.
 */
export function parseRefreshToken(text: string): RefreshTokenV1 | RefreshTokenV2 | null {
  if (typeof text !== 'string') return null;
  if (/^[a-z0-9]{12}$/.test(text)) return { kind: 'v1', token: text };
  if (text.length > longest) return null;
  const bytes = decodeBase64url(text);
  if (bytes === null || bytes[0] !== version) return null;
  const checked = bytes.subarray(0, -checksumLength);
  if (!checksum(checked).equals(bytes.subarray(-checksumLength))) return null;
  const signed = checked.subarray(0, -macLength);
  const counter = readCounter(signed.subarray(1 + idLength));
  if (counter === null) return null;
  const sessionId = uuidText(signed.subarray(1, 1 + idLength));
  return { kind: 'v2', sessionId, counter, signed, mac: checked.subarray(-macLength) };
}

/** Says whether the token was issued under this key, which is the session's. Timing: takes equally long for any. */
export const verifyRefreshTokenMac = ({ signed, mac }: RefreshTokenV2, hmacKey: string): boolean =>
  timingSafeEqual(macOf(signed, hmacKey), mac);

export interface RefreshTokenParts {
  readonly sessionId: string;
  readonly counter: number;
  /** The session's key, as its row holds it when it is not encrypted. */
  readonly hmacKey: string;
}

/** Writes the refresh token that stands for this place in the session's order of rotation. Always the same. */
export function issueRefreshToken({ sessionId, counter, hmacKey }: RefreshTokenParts): string {
  const id = Buffer.from(sessionId.replaceAll('-', ''), 'hex');
  if (id.length !== idLength) throw new TypeError('A session id is a UUID');
  const signed = Buffer.concat([Buffer.from([version]), id, writeCounter(counter)]);
  const checked = Buffer.concat([signed, macOf(signed, hmacKey)]);
  return Buffer.concat([checked, checksum(checked)]).toString('base64url');
}

/** A new key for a session's refresh tokens: base64url of 32 random bytes, as the row holds it. */
export const newHmacKey = (): string => randomBytes(32).toString('base64url');

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** A new refresh token of the first kind: 60 random bits. */
export const newRefreshTokenV1 = (): string =>
  Array.from(randomBytes(12), (byte) => base32[byte & 31]).join('');

const checksum = (bytes: Buffer): Buffer =>
  createHash('sha256').update(bytes).digest().subarray(0, checksumLength);

function macOf(signed: Buffer, hmacKey: string): Buffer {
  const key = decodeBase64url(hmacKey);
  if (key?.length !== 32) throw new TypeError('The key of a refresh token is base64url of 32 bytes');
  return createHmac('sha256', key).update(signed).digest().subarray(0, macLength);
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Go's `binary.AppendUvarint`: seven bits a byte, lowest first, the top bit set on all but the last. */
function writeCounter(counter: number): Buffer {
  if (!Number.isSafeInteger(counter) || counter < 0) throw new TypeError('A counter is a whole number');
  const bytes: number[] = [];
  let rest = counter;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** Null unless all bytes are used and it is the shortest spelling. */
function readCounter(bytes: Buffer): number | null {
  const counter = bytes.reduceRight((sum, byte) => sum * 128 + (byte & 127), 0);
  return Number.isSafeInteger(counter) && writeCounter(counter).equals(bytes) ? counter : null;
}
