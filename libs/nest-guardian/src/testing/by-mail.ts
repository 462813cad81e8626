import assert from 'node:assert/strict';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import {
  type Answer,
  type Api,
  goodPassword,
  landingOf,
  newAddress,
  type Person,
  refuses,
  sessionOf,
} from './api.js';
import type { Bench, Law } from './conformance.js';
import { forge } from './tokens.js';

/** Longer than anybody has to wait for the next mail or text. */
export const aMoment = '61s';

/** The next mail to this address, which has to have a link. */
export async function linkTo(bench: Bench, address: string): Promise<string> {
  const { link, subject } = await bench.mailTo(address);
  assert.ok(link !== null, `the mail "${subject}" has no link`);
  return link;
}

/** What the link carries. */
export const tokenOf = (link: string): string => new URL(link).searchParams.get('token') ?? '';

export const redirectOf = (link: string): string => new URL(link).searchParams.get('redirect_to') ?? '';

/** Somebody who signed up and confirmed their address by mail. */
export async function newMember(api: Api, bench: Bench): Promise<Person> {
  const email = newAddress();
  const signedUp = await api.signUp({ email, password: goodPassword });
  assert.equal(signedUp.status, 200, signedUp.text);
  const { code } = await bench.mailTo(email);
  const session = sessionOf(await api.verify({ type: 'signup', email, token: code }));
  return { email, password: goodPassword, session };
}

/** A number that nobody has yet, as it is kept. */
export const newNumber = (): string => `1555${randomInt(1_000_000_000, 10_000_000_000)}`;

/** The refusal that a link is answered with: told where it leads to, in the fragment. */
export function turnsAway(answer: Answer, code = 'otp_expired'): void {
  const { fragment } = landingOf(answer);
  assert.equal(fragment.get('error_code'), code, answer.headers.get('location') ?? '');
  assert.equal(fragment.get('access_token'), null);
}

/** The access token that a followed link carries to the application, which has to open the door. */
export async function enters(api: Api, answer: Answer): Promise<string> {
  const bearer = landingOf(answer).fragment.get('access_token');
  assert.ok(bearer, answer.headers.get('location') ?? '');
  const { status, text } = await api.user(bearer);
  assert.equal(status, 200, text);
  return bearer;
}

export const codeIsRefused = (answer: Answer): void =>
  refuses(answer, '403 otp_expired', 'Token has expired or is invalid');

/** Another code of the same length. */
export const otherThan = (code: string): string =>
  code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));

/** What only one application knows, and what it says of it (RFC 7636). */
export function newChallenge(): { readonly verifier: string; readonly members: object } {
  const verifier = randomBytes(32).toString('base64url');
  const code_challenge = createHash('sha256').update(verifier).digest('base64url');
  return { verifier, members: { code_challenge, code_challenge_method: 's256' } };
}

/** The bearer token of a back end that may do anything. */
export function serviceKey({ secret, now }: Bench): string {
  const iat = Math.floor(now().getTime() / 1000);
  return forge({ role: 'service_role', iat, exp: iat + 600 }, secret);
}

/** Asks so many times at once; breaks the law unless exactly one is let in. */
export async function requireOneOf(
  count: number,
  ask: () => Promise<Answer>,
  isIn: (answer: Answer) => boolean,
): Promise<void> {
  const answers = await Promise.all(Array.from({ length: count }, ask));
  assert.equal(answers.filter(isIn).length, 1, answers.map(({ status }) => status).join());
}

/** These laws, each under these conditions beside its own. */
export const given = (
  { under, needs = [] }: Pick<Law, 'under' | 'needs'>,
  laws: readonly Law[],
): readonly Law[] =>
  laws.map((law) => ({ ...(under && { under }), ...law, needs: [...needs, ...(law.needs ?? [])] }));
