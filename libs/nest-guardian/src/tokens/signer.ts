import { JwtService } from '@nestjs/jwt';
import { signBytes } from './algorithms.js';
import type { TokenKey } from './token-key.js';

export type Sign = (claims: Record<string, unknown>) => string;

/** Signs claims as they are, in their order, with a header of this `typ`. */
export function signerOf(key: TokenKey | null, typ = 'JWT'): Sign {
  if (!key?.signing) {
    return () => {
      throw new TypeError('No key signs; the mistakes found in the options say why');
    };
  }
  const { algorithm, signing } = key;
  const kid = key.kid ?? undefined;
  if (algorithm === 'EdDSA') {
    const header = encode({ alg: algorithm, typ, kid });
    return (claims) => {
      const signingInput = `${header}.${encode(claims)}`;
      return `${signingInput}.${signBytes(algorithm, signing, signingInput).toString('base64url')}`;
    };
  }
  const jwt = new JwtService({
    ...(algorithm === 'HS256' ? { secret: signing } : { privateKey: signing }),
    signOptions: { algorithm, header: { alg: algorithm, typ }, ...(kid !== undefined && { keyid: kid }) },
  });
  // Left to itself, the library would add the time of signing.
  return (claims) => jwt.sign(claims, 'iat' in claims ? {} : { noTimestamp: true });
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
