import { createHash } from 'node:crypto';
import { beforeAll, expect, it } from '@jest/globals';
import { AccountBench, somebody } from '../../../../../test/support/account-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { signInWithIdToken } from './oauth.contract.js';

const hashed = (nonce: string): string => createHash('sha256').update(nonce).digest('hex');
const oneSided = '400 invalid request: Passed nonce and nonce in id_token should either both exist or not.';
const mismatch = '400 invalid nonce: Nonces mismatch';

onBothDatabases('whoever shows an ID token', (open) => {
  let bench: AccountBench;
  beforeAll(async () => {
    bench = await AccountBench.open(open());
  });

  it.each([
    [{}, '400 invalid request: id_token required'],
    [{ id_token: '', provider: 'banana' }, '400 invalid request: id_token required'],
    [{ id_token: 'x' }, '400 invalid request: provider or client_id and issuer required'],
    [{ id_token: 'x', client_id: 'c' }, '400 invalid request: provider or client_id and issuer required'],
    [
      { id_token: 'x', provider: 'banana' },
      '400 validation_failed: Custom OIDC provider "banana" not allowed',
    ],
    [{ id_token: 'x', provider: 'ACME' }, '400 validation_failed: Custom OIDC provider "ACME" not allowed'],
    [{ id_token: 'x', provider: 'custom:a' }, '400 validation_failed: Custom provider "custom:a" not found'],
    [
      { id_token: 'x', provider: 'google' },
      '400 provider_disabled: Provider (issuer "https://accounts.google.com") is not enabled',
    ],
    [
      { id_token: 'x', client_id: 'c', issuer: 'https://evil.test' },
      '400 validation_failed: Custom OIDC provider "" not allowed',
    ],
    [{ id_token: 'x', provider: 'acme', link_identity: true }, '400 invalid request: Bad ID token'],
  ])('%j hears %s', async (input, said) => {
    expect(await bench.sending.answerOf(signInWithIdToken, input)).toBe(said);
  });

  it('may name the issuer instead of the provider', async () => {
    const ann = somebody();
    const { user } = await bench.open(ann);
    const named = { provider: undefined, client_id: 'c', issuer: 'https://acme.test' };
    expect((await bench.open(ann, named)).user.id).toBe(user.id);
  });

  it('O-04 knows the nonce whose hash the token carries', async () => {
    const ann = { ...somebody(), nonce: hashed('n-1') };
    expect(await bench.enter(ann)).toBe(oneSided);
    expect(await bench.enter(ann, { nonce: 'n-2' })).toBe(mismatch);
    expect(await bench.enter(ann, { nonce: ann.nonce })).toBe(mismatch);
    expect(await bench.enter({ ...ann, nonce: 'n-1' }, { nonce: 'n-1' })).toBe(mismatch);
    expect(await bench.enter(somebody(), { nonce: 'n-1' })).toBe(oneSided);
    expect((await bench.open(ann, { nonce: 'n-1' })).user.email).toBe(ann.email);
  });

  it('needs no nonce at a provider whose kits make none that matches', async () => {
    expect((await bench.open({ ...somebody(), nonce: 'raw' }, { provider: 'lax' })).user.email).toBeTruthy();
  });

  it('has a session of the method oauth', async () => {
    const { access_token } = await bench.open(somebody());
    const claims = JSON.parse(
      Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString(),
    ) as object;
    expect(claims).toMatchObject({ aal: 'aal1', amr: [{ method: 'oauth' }] });
  });
});
