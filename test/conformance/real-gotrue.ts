import { gotrue } from 'nest-guardian';
import { type Ability, Api, type Bench, MovableClock, type Subject } from 'nest-guardian/testing';
import { forge } from '../../libs/nest-guardian/src/testing/tokens.js';
import { type RunningApplication, startApplication } from '../support/start-application.js';

const url = process.env.CONFORMANCE_GOTRUE_URL;
/** The server's GOTRUE_JWT_SECRET, where it signs with one and it is known. */
const secret = process.env.CONFORMANCE_GOTRUE_SECRET ?? '';

const abilities: readonly Ability[] = secret === '' ? [] : ['sign tokens', 'ban and delete'];

const nobody = (what: string) => (): never => {
  throw new TypeError(`Nobody ${what} of a real server`);
};

/** A real server is held to what can be asked of it from outside: its clock stands in nobody's power. */
export const benchOf = (base: string, secret: string): Bench => ({
  base,
  secret,
  reuseInterval: '10s',
  now: () => new Date(),
  site: '',
  advance: nobody('moves the clock'),
  mailTo: nobody('reads the mail'),
  textTo: nobody('reads the texts'),
  idp: { visit: nobody('signs in elsewhere, on behalf'), idToken: nobody('signs for the identity provider') },
  async remove(userId, how) {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const bearer = forge({ role: 'service_role', exp }, secret);
    const path = `/admin/users/${userId}`;
    const api = new Api(base);
    if (how === 'delete') await api.ask('DELETE', path, { bearer });
    else await api.ask('PUT', path, { bearer, body: { ban_duration: '1h' } });
  },
});

class RealSubject implements Subject {
  readonly name = 'a real GoTrue server';
  readonly can = abilities;
  readonly configurations = ['open'] as const;

  async open(): Promise<Bench> {
    return benchOf(url as string, secret);
  }

  async close(): Promise<void> {}
}

class DelegatingToRealSubject implements Subject {
  readonly name = 'delegating to a real GoTrue server';
  readonly can = abilities;
  readonly configurations = ['open'] as const;
  #running: RunningApplication | undefined;

  async open(): Promise<Bench> {
    const provider = gotrue({ url: url as string, ...(secret !== '' && { jwtSecret: secret }) });
    // Its own clock has to go with the server's.
    const clock = Object.assign(new MovableClock(), { now: () => new Date() });
    this.#running = await startApplication({ provider, clock, adapter: 'Express' });
    return { ...benchOf(url as string, secret), base: this.#running.base };
  }

  async close(): Promise<void> {
    await this.#running?.close();
  }
}

/** The server of CONFORMANCE_GOTRUE_URL, which tests the laws, and an application that delegates to it. */
export const realSubjects: readonly Subject[] = url ? [new RealSubject(), new DelegatingToRealSubject()] : [];
