import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { SessionBody } from '../wire/session.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, or an empty object. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Question {
  readonly bearer?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody new, and the session their sign-up opened. */
export interface Person {
  readonly email: string;
  readonly password: string;
  readonly session: SessionBody;
}

export const goodPassword = 'correct horse 9 battery';

/** The API as a client sees it: HTTP and nothing else. Whatever is asked, a 500 breaks the law. */
export class Api {
  constructor(private readonly base: string) {}

  async ask(method: string, path: string, question: Question = {}): Promise<Answer> {
    const { bearer, body, raw, headers } = question;
    const isWrite = method !== 'GET' && method !== 'OPTIONS';
    const response = await fetch(this.base + path, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      headers: {
        'x-supabase-api-version': '2024-01-01',
        ...(isWrite && { 'content-type': 'application/json;charset=UTF-8' }),
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    const text = await response.text();
    assert.notEqual(response.status, 500, `${method} ${path} is answered with 500 ${text}`);
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  }

  post(path: string, body: object, bearer?: string): Promise<Answer> {
    return this.ask('POST', path, { body, ...(bearer !== undefined && { bearer }) });
  }

  signUp(body: object): Promise<Answer> {
    return this.ask('POST', '/signup', { body });
  }

  /** Redeems what was mailed or texted. */
  verify(body: object): Promise<Answer> {
    return this.ask('POST', '/verify', { body });
  }

  /** Opens a mailed link as a browser would, but at this API, which may delegate to the one that mailed it. */
  follow(link: string, method = 'GET'): Promise<Answer> {
    const { pathname, search } = new URL(link);
    return this.ask(method, pathname.slice(pathname.lastIndexOf('/')) + search);
  }

  exchange(authCode: string | null, verifier: string): Promise<Answer> {
    return this.post('/token?grant_type=pkce', { auth_code: authCode, code_verifier: verifier });
  }

  signIn(email: string, password: string): Promise<Answer> {
    return this.ask('POST', '/token?grant_type=password', { body: { email, password } });
  }

  refresh(refreshToken: unknown): Promise<Answer> {
    return this.ask('POST', '/token?grant_type=refresh_token', { body: { refresh_token: refreshToken } });
  }

  user(bearer: string): Promise<Answer> {
    return this.ask('GET', '/user', { bearer });
  }

  update(bearer: string, body: object): Promise<Answer> {
    return this.ask('PUT', '/user', { bearer, body });
  }

  /** As auth-js does it: a JSON content type and no body. */
  signOut(bearer: string, scope?: string): Promise<Answer> {
    return this.ask('POST', scope === undefined ? '/logout' : `/logout?scope=${scope}`, { bearer });
  }

  /** Signs somebody new up where addresses are confirmed at once. */
  async newPerson(data: object = {}): Promise<Person> {
    const email = newAddress();
    const answer = await this.signUp({ email, password: goodPassword, data });
    return { email, password: goodPassword, session: sessionOf(answer) };
  }

  /** A further session of somebody. */
  async newSession({ email, password }: Person): Promise<SessionBody> {
    return sessionOf(await this.signIn(email, password));
  }
}

export const newAddress = (): string => `p${randomBytes(8).toString('hex')}@example.com`;

/** The session that was answered; anything else breaks the law. */
export function sessionOf({ status, body, text }: Answer): SessionBody {
  assert.equal(status, 200, text);
  const session = body as unknown as SessionBody;
  assert.equal(typeof session.access_token, 'string', text);
  assert.equal(typeof session.refresh_token, 'string', text);
  return session;
}

/** Breaks the law unless the answer is this refusal, given as `'400 bad_json'`. */
export function refuses(answer: Answer, refusal: string, message?: string): void {
  assert.equal(`${answer.status} ${answer.body.code}`, refusal, answer.text);
  if (message !== undefined) assert.equal(answer.body.message, message);
}

/** Where a browser is sent, and what it carries there. */
export interface Landing {
  readonly target: string;
  readonly query: URLSearchParams;
  readonly fragment: URLSearchParams;
}

/** Where the answer sends the browser; any other status breaks the law. */
export function landingOf({ status, headers, text }: Answer, expected: 302 | 303 = 303): Landing {
  assert.equal(status, expected, text);
  const [address = '', fragment = ''] = (headers.get('location') ?? '').split('#');
  const [target = '', query = ''] = address.split('?');
  return { target, query: new URLSearchParams(query), fragment: new URLSearchParams(fragment) };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    // An answer without a body, or a plain text one.
    return {};
  }
}
