import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type Api, refuses, sessionOf } from '../../testing/api.js';
import type { Bench, Conformance, Law } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

const used = 'Invalid Refresh Token: Already Used';
const notFound = 'Invalid Refresh Token: Refresh Token Not Found';
const invalid = 'Refresh token is not valid';

/** Moves the clock to where a spent token is no longer good. */
function pass(bench: Bench): void {
  bench.advance(bench.reuseInterval);
  bench.advance('1s');
}

/** Refreshes so often; every refresh token of the session, the oldest first. */
async function chain(api: Api, first: string, length: number): Promise<string[]> {
  const tokens = [first];
  for (let i = 0; i < length; i++) {
    tokens.push(sessionOf(await api.refresh(tokens.at(-1))).refresh_token);
  }
  return tokens;
}

const isEnded = async (api: Api, refreshToken: string): Promise<void> =>
  refuses(await api.refresh(refreshToken), '400 refresh_token_not_found', notFound);

/** The token with the other's MAC and a checksum that is right, so that only the MAC can tell. */
function withMacOf(other: string, token: string): string {
  const [mac, bytes] = [Buffer.from(other, 'base64url'), Buffer.from(token, 'base64url')];
  const signed = Buffer.concat([bytes.subarray(0, -20), mac.subarray(-20, -4)]);
  const checksum = createHash('sha256').update(signed).digest().subarray(0, 4);
  return Buffer.concat([signed, checksum]).toString('base64url');
}

const refreshLaws: readonly Law[] = [
  {
    name: 'a refresh gives new tokens of the same session',
    async holds(api) {
      const { session } = await api.newPerson();
      const refreshed = sessionOf(await api.refresh(session.refresh_token));
      assert.notEqual(refreshed.refresh_token, session.refresh_token);
      assert.equal(claimsOf(refreshed.access_token).session_id, claimsOf(session.access_token).session_id);
      assert.equal(refreshed.user.id, session.user.id);
      assert.equal((await api.user(refreshed.access_token)).status, 200);
    },
  },
  {
    name: 'F-01, F-05 a token shown again within the interval gives the same next token',
    async holds(api) {
      const { session } = await api.newPerson();
      const [one, two] = await Promise.all([
        api.refresh(session.refresh_token),
        api.refresh(session.refresh_token),
      ]);
      const retried = sessionOf(await api.refresh(session.refresh_token));
      assert.equal(sessionOf(one).refresh_token, retried.refresh_token);
      assert.equal(sessionOf(two).refresh_token, retried.refresh_token);
    },
  },
  {
    name: 'F-02 fifty refreshes of one token at once leave one next token',
    async holds(api) {
      const { session } = await api.newPerson();
      const all = await Promise.all(Array.from({ length: 50 }, () => api.refresh(session.refresh_token)));
      const next = new Set(all.map((answer) => sessionOf(answer).refresh_token));
      assert.equal(next.size, 1);
      assert.ok(!next.has(session.refresh_token));
      const [token] = next;
      const after = sessionOf(await api.refresh(token));
      assert.equal(sessionOf(await api.refresh(token)).refresh_token, after.refresh_token);
    },
  },
  {
    name: 'F-03 a token two refreshes old ends its session once the interval is over',
    needs: ['move the clock'],
    async holds(api, bench) {
      const { session } = await api.newPerson();
      const tokens = await chain(api, session.refresh_token, 2);
      pass(bench);
      refuses(await api.refresh(tokens[0]), '400 refresh_token_already_used', used);
      await isEnded(api, tokens[2] as string);
      refuses(await api.user(session.access_token), '403 session_not_found');
    },
  },
  {
    name: 'F-03 the token before the newest ends its session once the interval is over',
    needs: ['move the clock'],
    async holds(api, bench) {
      const { session } = await api.newPerson();
      const [spent, newest] = await chain(api, session.refresh_token, 1);
      pass(bench);
      refuses(await api.refresh(spent), '400 refresh_token_already_used', used);
      await isEnded(api, newest as string);
    },
  },
  {
    // Thief or victim, the server sees the same: two who hold one token, and only one can be first.
    name: 'F-04 whoever comes second with a stolen token, thief or victim, ends the session for both',
    needs: ['move the clock'],
    async holds(api, bench) {
      const { session } = await api.newPerson();
      const ofTheFirst = await chain(api, session.refresh_token, 2);
      pass(bench);
      const ofTheSecond = await api.refresh(session.refresh_token);
      refuses(ofTheSecond, '400 refresh_token_already_used', used);
      for (const token of ofTheFirst) await isEnded(api, token);
    },
  },
  {
    name: 'F-06 a token whose MAC is of another session is nobody’s, and ends nothing',
    async holds(api) {
      const { session } = await api.newPerson();
      const other = await api.newPerson();
      const mixed = withMacOf(other.session.refresh_token, session.refresh_token);
      await isEnded(api, mixed);
      sessionOf(await api.refresh(session.refresh_token));
      sessionOf(await api.refresh(other.session.refresh_token));
    },
  },
  ...Object.entries({
    'the empty text': '',
    'a short text': 'abc',
    capitals: 'ABCDEFGHIJKL',
    NUL: 'abc\0efghijkl',
    'a lone surrogate': '\ud800bcdefghijkl',
    Unicode: 'żółwżółwżółw',
    SQL: "' OR 1=1; --",
    'half a mebibyte': 'a'.repeat(524_288),
    'an access token': 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl',
  }).map(([what, token]): Law => ({
    name: `F-07 ${what} is no refresh token`,
    holds: async (api) => refuses(await api.refresh(token), '400 validation_failed', invalid),
  })),
  {
    name: 'F-07 a text of the right form that nobody was given is not found',
    holds: (api) => isEnded(api, 'abcdefghijkl'),
  },
  {
    name: 'F-07 a refresh token that is no text is no request',
    async holds(api) {
      for (const token of [1, true, ['a'], { a: 1 }]) refuses(await api.refresh(token), '400 bad_json');
      refuses(await api.refresh(null), '400 validation_failed', invalid);
      refuses(
        await api.ask('POST', '/token?grant_type=refresh_token', { body: {} }),
        '400 validation_failed',
        invalid,
      );
    },
  },
  ...(['ban', 'delete'] as const).map((how): Law => ({
    name: `F-12 a ${how === 'ban' ? 'banned' : 'deleted'} user neither refreshes nor reads`,
    needs: ['ban and delete'],
    async holds(api, bench) {
      const { session } = await api.newPerson();
      await bench.remove(session.user.id, how);
      const refreshed = await api.refresh(session.refresh_token);
      const read = await api.user(session.access_token);
      refuses(refreshed, how === 'ban' ? '400 user_banned' : '400 refresh_token_not_found');
      refuses(read, how === 'ban' ? '403 user_banned' : '403 user_not_found');
    },
  })),
];

export const refreshConformance: Conformance = { feature: 'refresh', laws: refreshLaws };
