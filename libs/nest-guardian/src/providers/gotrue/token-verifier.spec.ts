import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { json, person } from '../../../../../test/support/fake-gotrue.js';
import {
  GoTrueBench,
  jwk,
  jwtSecret,
  pair,
  refused,
  sessionId,
} from '../../../../../test/support/gotrue-bench.js';

const bench = new GoTrueBench();

describe('verification by auto', () => {
  it('takes the published keys when there are some, and asks once for any number of tokens', async () => {
    bench.keys = [jwk];
    const subject = await bench.provider({ jwtSecret });
    const principals = await Promise.all([
      subject.verify(bench.es256()),
      subject.verify(bench.es256()),
      subject.verify(bench.es256({ a: 1 })),
    ]);
    expect(principals[0]).toMatchObject({ id: person.id, sessionId, role: 'authenticated' });
    // From now on nobody is asked, so the answer is there at once.
    expect(subject.verify(bench.es256())).toMatchObject({ id: person.id });
    expect(bench.paths).toEqual(['/.well-known/jwks.json']);
    expect(bench.logged).toEqual([expect.stringContaining('keys that the server publishes')]);
  });

  it('then takes no token that somebody else signed', async () => {
    bench.keys = [jwk];
    const subject = await bench.provider({ jwtSecret });
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(await refused(() => subject.verify(bench.es256({}, stranger)))).toMatchObject({ code: 'bad_jwt' });
    expect(
      await refused(() =>
        subject.verify(bench.hs256({}, 'another secret of the same length as the right one')),
      ),
    ).toMatchObject({
      code: 'bad_jwt',
    });
  });

  it('takes the shared secret when the server publishes no keys', async () => {
    const subject = await bench.provider({ jwtSecret });
    await subject.verify(bench.hs256());
    expect(subject.verify(bench.hs256())).toMatchObject({ id: person.id });
    expect(await refused(() => subject.verify(bench.hs256({}, 'x'.repeat(40))))).toMatchObject({
      code: 'bad_jwt',
    });
    expect(bench.paths).toEqual(['/.well-known/jwks.json']);
    expect(bench.logged).toEqual([expect.stringContaining('shared secret')]);
  });

  it('asks the server when there are neither keys nor a secret', async () => {
    const subject = await bench.provider();
    const bearer = bench.hs256();
    await expect(subject.verify(bearer)).resolves.toMatchObject({ id: person.id, sessionId });
    expect(bench.paths).toEqual(['/.well-known/jwks.json', '/user']);
    expect(bench.fake.last.headers.authorization).toBe(`Bearer ${bearer}`);
    expect(bench.logged).toEqual([expect.stringContaining('asking the server')]);
  });

  it('is a 503 while the server cannot say, and chooses when it is back', async () => {
    const subject = await bench.provider({ jwtSecret });
    bench.goDown();
    expect(await refused(() => subject.verify(bench.hs256()))).toMatchObject({
      status: 503,
      code: 'provider_unavailable',
    });
    expect(bench.logged).toEqual([]);
    bench.comeBack();
    bench.clock.move(2);
    await expect(subject.verify(bench.hs256())).resolves.toMatchObject({ id: person.id });
  });
});

describe('verification by keys', () => {
  it('S-15: goes on with the keys last seen while the server is down', async () => {
    bench.keys = [jwk];
    const subject = await bench.provider({ verification: 'keys' });
    await subject.verify(bench.es256());
    bench.goDown();
    bench.clock.move(3600);
    expect(subject.verify(bench.es256())).toMatchObject({ id: person.id });
    const unknown = bench.es256({}, pair.privateKey, 'es-2');
    expect(await refused(() => subject.verify(unknown))).toMatchObject({
      status: 503,
      code: 'provider_unavailable',
    });
  });

  it('sends the api key of the gateway', async () => {
    bench.keys = [jwk];
    const subject = await bench.provider({ verification: 'keys', apiKey: 'anon', headers: { 'x-own': '1' } });
    await subject.verify(bench.es256());
    expect(bench.fake.last.headers).toMatchObject({ apikey: 'anon', 'x-own': '1' });
  });
});

describe('verification by secret', () => {
  it('asks nobody and judges issuer, audience and time', async () => {
    const subject = await bench.provider({
      verification: 'secret',
      jwtSecret,
      issuer: 'https://auth.example',
    });
    expect(subject.verify(bench.hs256({ iss: 'https://auth.example' }))).toMatchObject({ id: person.id });
    for (const more of [{ iss: 'other' }, { iss: 'https://auth.example', aud: 'other' }]) {
      expect(await refused(() => subject.verify(bench.hs256(more)))).toMatchObject({ code: 'bad_jwt' });
    }
    const token = bench.hs256({ iss: 'https://auth.example' });
    bench.clock.move(911);
    expect(await refused(() => subject.verify(token))).toMatchObject({
      code: 'bad_jwt',
      applicationStatus: 401,
    });
    expect(bench.fake.heard).toHaveLength(0);
  });

  it('takes any audience when told so', async () => {
    const subject = await bench.provider({ verification: 'secret', jwtSecret, audience: '' });
    expect(subject.verify(bench.hs256({ aud: 'mobile' }))).toMatchObject({ audience: 'mobile' });
  });
});

describe('verification by asking', () => {
  const remote = { verification: 'remote' } as const;

  it('asks once for many requests with one token at a time, and remembers nothing', async () => {
    const subject = await bench.provider(remote);
    const bearer = bench.hs256();
    await Promise.all([subject.verify(bearer), subject.verify(bearer), subject.verify(bearer)]);
    expect(bench.fake.heard).toHaveLength(1);
    bench.reply = (response) => json(response, 403, { code: 'session_not_found', message: 'gone' });
    expect(await refused(() => subject.verify(bearer))).toMatchObject({
      code: 'session_not_found',
      applicationStatus: 401,
    });
  });

  it.each<[string, () => string]>([
    ['garbage', () => 'garbage'],
    ['expired', () => bench.hs256({ exp: Math.floor(bench.clock.now().getTime() / 1000) - 60 })],
    ['of another audience', () => bench.hs256({ aud: 'other' })],
    ['of nobody', () => bench.hs256({ sub: '' })],
  ])('does not bother the server with a token that is %s', async (_, bearer) => {
    const subject = await bench.provider(remote);
    expect(await refused(() => subject.verify(bearer()))).toMatchObject({ code: 'bad_jwt' });
    expect(bench.fake.heard).toHaveLength(0);
  });

  it('S-18: refuses a token whose person is not the one that the server names', async () => {
    const subject = await bench.provider(remote);
    bench.reply = (response) => json(response, 200, { ...person, id: sessionId });
    expect(await refused(() => subject.verify(bench.hs256()))).toMatchObject({ code: 'bad_jwt' });
  });

  it('S-15: is a 503, never a refusal, while the server is down', async () => {
    const subject = await bench.provider(remote);
    bench.reply = (response) => response.socket?.destroy();
    expect(await refused(() => subject.verify(bench.hs256()))).toMatchObject({ status: 503 });
  });
});
