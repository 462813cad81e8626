import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** RFC 6238 with what every authenticator application expects. */
const period = 30;
const digits = 6;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 160 bits (RFC 4226 4, R6) in base32, as authenticator applications read it. */
export const newTotpSecret = (): string => encodeBase32(randomBytes(20));

function encodeBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((group) => alphabet[Number.parseInt(group.padEnd(5, '0'), 2)])
    .join('');
}

function decodeBase32(text: string): Buffer {
  const bits = [...text.toUpperCase().replace(/=+$/, '')]
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** RFC 4226 5.3. */
function codeAt(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) as number) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

export const totpStepAt = (at: Date): number => Math.floor(at.getTime() / 1000 / period);

/** The code of this moment, as an authenticator application shows it. */
export const totpAt = (secret: string, at: Date): string => codeAt(decodeBase32(secret), totpStepAt(at));

/**
 * The time step that the code belongs to: this one, the one before or the one after (RFC 6238 5.2); null where it
 * fits none. Takes as long for a wrong code as for a right one. That a step is accepted once is the caller's business.
 */
export function findTotpStep(secret: string, code: string, at: Date): number | null {
  const key = decodeBase32(secret);
  const now = totpStepAt(at);
  const given = Buffer.from(code.padEnd(digits).slice(0, digits));
  const fitting = [now, now - 1, now + 1].filter((step) =>
    timingSafeEqual(Buffer.from(codeAt(key, step)), given.length === digits ? given : Buffer.alloc(digits)),
  );
  return code.length === digits ? (fitting[0] ?? null) : null;
}

/** What the QR code says (Google Authenticator's Key URI Format), members in GoTrue's order. */
export function totpUri(secret: string, { issuer, account }: { issuer: string; account: string }): string {
  const label = `${issuer}:${account}`
    .toWellFormed()
    .replace(/[^A-Za-z0-9:@.\-_~!$&'()*+,;=]/gu, encodeURIComponent);
  const query = new URLSearchParams({
    algorithm: 'SHA1',
    digits: String(digits),
    issuer,
    period: String(period),
    secret,
  });
  // GoTrue: colons of the issuer stay, and applications take a plus for a plus.
  return `otpauth://totp/${label}?${query.toString().replaceAll('%3A', ':').replaceAll('+', '%20')}`;
}
