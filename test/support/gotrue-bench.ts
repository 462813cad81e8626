import { createHmac, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { Announcements } from '../../libs/nest-guardian/src/core/announcements.js';
import type { AuthProvider } from '../../libs/nest-guardian/src/core/auth-provider.js';
import { sessionsEnded } from '../../libs/nest-guardian/src/core/event.js';
import { Clock } from '../../libs/nest-guardian/src/core/ports/clock.js';
import { gotrue } from '../../libs/nest-guardian/src/providers/gotrue/gotrue.js';
import type { GoTrueOptions } from '../../libs/nest-guardian/src/providers/gotrue/gotrue.options.js';
import { FakeGoTrue, json, person } from './fake-gotrue.js';

class MovableClock extends Clock {
  constructor(private at = Date.parse('2026-08-20T10:00:00Z')) {
    super();
  }
  now(): Date {
    return new Date(this.at);
  }
  move(seconds: number): void {
    this.at += seconds * 1000;
  }
}

export const jwtSecret = 'a secret of the server that is long enough for HS256';
export const sessionId = '11111111-2222-4333-8444-555555555555';
export const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const jwk: JsonWebKey = {
  ...pair.publicKey.export({ format: 'jwk' }),
  kid: 'es-1',
  alg: 'ES256',
  use: 'sig',
  key_ops: ['verify'],
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A GoTrue provider before a fake server, with tokens that such a server would sign. */
export class GoTrueBench {
  fake!: FakeGoTrue;
  clock = new MovableClock();
  logged: string[] = [];
  ended: unknown[] = [];
  /** What the server publishes. */
  keys: JsonWebKey[] = [];
  /** What the server says on every other route. */
  reply: (response: ServerResponse) => void = (response) => json(response, 200, person);

  /** Registers with the spec: one server for all laws, everything else new for each. */
  constructor() {
    beforeAll(async () => {
      this.fake = await FakeGoTrue.start();
    });
    afterAll(() => this.fake.stop());
    beforeEach(() => {
      this.fake.reset();
      this.clock = new MovableClock();
      this.logged = [];
      this.ended = [];
      this.keys = [];
      this.reply = (response) => json(response, 200, person);
      this.comeBack();
    });
  }

  goDown(): void {
    this.fake.reply = (response) => response.socket?.destroy();
  }

  comeBack(): void {
    this.fake.reply = (response, { path }) =>
      path === '/.well-known/jwks.json' ? json(response, 200, { keys: this.keys }) : this.reply(response);
  }

  async provider(options: Partial<GoTrueOptions> = {}): Promise<AuthProvider> {
    const choice = gotrue({ url: this.fake.url, timeout: '500ms', retries: 0, ...options });
    expect(choice.mistakes).toEqual([]);
    const announcements = new Announcements((_, error) => {
      throw error as Error;
    });
    announcements.on(sessionsEnded, (event) => this.ended.push(event));
    const log = (message: string): void => void this.logged.push(message);
    return choice.create({
      listensAt: () => null,
      prefix: 'auth/v1',
      clock: this.clock,
      announcements,
      find: () => undefined,
      log,
    });
  }

  get paths(): string[] {
    return this.fake.heard.map(({ path }) => path);
  }

  hs256(more?: object, secret = jwtSecret): string {
    const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(this.#claims(more))}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  }

  es256(more?: object, key: KeyObject = pair.privateKey, kid = 'es-1'): string {
    const input = `${encode({ alg: 'ES256', typ: 'JWT', kid })}.${encode(this.#claims(more))}`;
    return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  #claims(more: object = {}): Record<string, unknown> {
    const iat = Math.floor(this.clock.now().getTime() / 1000);
    const { id: sub, email } = person;
    const own = { sub, aud: 'authenticated', role: 'authenticated', email, session_id: sessionId };
    return { ...own, iat, exp: iat + 900, ...more };
  }
}

/** What the call was refused with. */
export const refused = (call: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(call)
    .then(
      () => 'it went well',
      (error: unknown) => error,
    );
