import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { signAsIdp } from '../support/fake-idp.js';
import type { Bindings } from './bindings.js';
import type { RecordedToken } from './recording.js';

/** What all servers of the recordings share with whoever may sign. */
export const secret = 'the recordings are played with this secret of ours';

const foreignSecret = 'nobody here has ever heard of this other secret';
const { privateKey: foreignKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that the recorded client brought along, its own or an identity provider's, signed for its step; the step's name says what is wrong with it. */
export function signStepToken(
  step: string,
  token: RecordedToken,
  play: { bindings: Bindings; now: Date },
): string {
  const now = Math.floor(play.now.getTime() / 1000);
  const issuedAt = step === 'expired' ? now - 7200 : now;
  const times = {
    exp: issuedAt + (token.lifetime ?? 3600),
    iat: issuedAt,
    auth_time: issuedAt,
    nbf: step === 'not yet valid' ? now + 3600 : issuedAt,
  };
  const claims = Object.fromEntries(
    Object.entries(token.claims).map(([name, value]) => [
      name,
      value === '{{seconds}}' ? times[name as keyof typeof times] : play.bindings.fill(value),
    ]),
  );
  if (token.header.kid === 'idp-key-1' && step !== 'bad signature') return signAsIdp(claims);
  const input = `${encode(token.header)}.${encode(claims)}`;
  return `${input}.${signatureOf(input, token.header.alg, step)}`;
}

function signatureOf(input: string, algorithm: unknown, step: string): string {
  if (algorithm !== 'HS256') return sign('sha256', Buffer.from(input), foreignKey).toString('base64url');
  const key = step === 'foreign signature' ? foreignSecret : secret;
  return createHmac('sha256', key).update(input).digest('base64url');
}
