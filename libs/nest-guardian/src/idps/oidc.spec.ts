import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CertifiedIdp, certifiedClient } from '../../../../test/support/certified-idp.js';
import { SystemClock } from '../core/ports/clock.js';
import type { Idp, IdpLeg } from '../core/ports/idps.js';
import { oidc } from './oidc.js';

const leg: IdpLeg = {
  state: '3f0f1c52-4a33-4d9a-a7a4-2e3f9b9f3c11',
  redirectUri: 'http://127.0.0.1:9/callback',
  verifier: 'v'.repeat(43),
  nonce: 'the-nonce',
};
const context = { clock: new SystemClock(), checksPresenter: true, trustsEmail: false, asksOpenid: true };

let certified: CertifiedIdp;
let idp: Idp;

beforeAll(async () => {
  // It says aloud that its sign-in pages are not for production.
  jest.spyOn(console, 'info').mockImplementation(() => undefined);
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  certified = await CertifiedIdp.start(leg.redirectUri);
  idp = oidc({ issuer: certified.issuer, ...certifiedClient }).create('corp', context);
});
afterAll(async () => {
  await certified.close();
  jest.restoreAllMocks();
});

const comeBack = async (): Promise<Record<string, string>> => {
  const url = await idp.startUrl({ ...leg, scopes: [], parameters: {} });
  return Object.fromEntries((await certified.visit(url, 'ann')).searchParams);
};
const nameOf = async (done: Promise<unknown>): Promise<string> =>
  done.then(
    () => 'signed in',
    (error: { condition: { name: string } }) => error.condition.name,
  );

describe('a certified provider', () => {
  it('sends the person back with a code, state and its own name', async () =>
    expect(await comeBack()).toEqual({
      code: expect.any(String),
      state: leg.state,
      iss: certified.issuer,
    }));

  it('says who came: subject by ID token, address by userinfo', async () => {
    const { profile, tokens } = await idp.redeem({ ...leg, answer: await comeBack() });
    expect(profile).toEqual({
      subject: 'ann',
      email: { address: 'ann@example.com', isVerified: true },
      data: { iss: certified.issuer, sub: 'ann', email: 'ann@example.com', name: 'ann' },
    });
    expect(tokens.accessToken).not.toBe('');
  });

  it('O-08: takes a code once', async () => {
    const answer = await comeBack();
    await idp.redeem({ ...leg, answer });
    expect(await nameOf(idp.redeem({ ...leg, answer }))).toBe('idpAnswerRefused');
  });

  it('O-03: takes a code only with its verifier', async () => {
    const answer = await comeBack();
    expect(await nameOf(idp.redeem({ ...leg, verifier: 'w'.repeat(43), answer }))).toBe('idpAnswerRefused');
  });

  it('O-04: is refused where the nonce is that of another way', async () => {
    const answer = await comeBack();
    expect(await nameOf(idp.redeem({ ...leg, nonce: 'another', answer }))).toBe('idpAnswerRefused');
  });

  it('O-05: is refused where its name is missing or another', async () => {
    const { iss: _iss, ...nameless } = await comeBack();
    expect(await nameOf(idp.redeem({ ...leg, answer: nameless }))).toBe('idpAnswerRefused');
    const answer = { ...nameless, iss: 'https://evil.example' };
    expect(await nameOf(idp.redeem({ ...leg, answer }))).toBe('idpAnswerRefused');
  });
});
