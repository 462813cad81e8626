import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { type Answer, type Api, type Landing, landingOf, newAddress, type Question } from './api.js';
import type { Bench, IdpPerson } from './conformance.js';

export type IdpName = 'keycloak' | 'github';

/** Somebody whom no identity provider has named yet, with a verified address at both. */
export function newStranger(
  email = newAddress(),
): IdpPerson & { readonly sub: string; readonly email: string } {
  const id = randomInt(1, 2 ** 40);
  const emails = [{ email, primary: true, verified: true }];
  return { sub: `sub-${id}`, id, email, email_verified: true, emails, name: 'Ann Example' };
}

/** A person's browser: it keeps the cookies that it is given, and goes where it is sent. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  constructor(
    private readonly api: Api,
    private readonly bench: Bench,
  ) {}

  async open(
    path: string,
    { method = 'GET', ...question }: Question & { method?: string } = {},
  ): Promise<Answer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...question.headers, ...(cookie && { cookie }) };
    const answer = await this.api.ask(method, path, { ...question, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }

  /** Where the browser is sent to sign in. */
  async start(query: Readonly<Record<string, string>> = {}): Promise<string> {
    const members = new URLSearchParams({ provider: 'keycloak', ...query });
    const { status, headers, text } = await this.open(`/authorize?${members.toString()}`);
    assert.equal(status, 302, text);
    return headers.get('location') ?? '';
  }

  /** Where the browser is sent so that the owner of the bearer token gets one more way in. */
  async startLink(bearer: string, query: Readonly<Record<string, string>> = {}): Promise<string> {
    const members = new URLSearchParams({ provider: 'keycloak', skip_http_redirect: 'true', ...query });
    const answer = await this.open(`/user/identities/authorize?${members.toString()}`, { bearer });
    assert.equal(answer.status, 200, answer.text);
    return answer.body.url as string;
  }

  /** Signs this person in at the identity provider. @returns the path by which it sends the browser back */
  async visit(url: string, person: IdpPerson): Promise<string> {
    return `/callback${new URL(await this.bench.idp.visit(url, person)).search}`;
  }

  /** Goes there and back. @returns where the browser ends up */
  async finish(url: string, person: IdpPerson): Promise<Landing> {
    return landingOf(await this.open(await this.visit(url, person)), 302);
  }

  async signIn(person: IdpPerson, query: Readonly<Record<string, string>> = {}): Promise<Landing> {
    return this.finish(await this.start(query), person);
  }
}

/** The access token that the browser brings to the application. */
export function bearerOf({ fragment, query }: Landing): string {
  const bearer = fragment.get('access_token');
  assert.ok(bearer, `${query.toString()}#${fragment.toString()}`);
  return bearer;
}

/** Breaks the law unless the application hears of this refusal, in the query as in the fragment, and of no session. */
export function hears({ query, fragment }: Landing, code: string): void {
  assert.equal(query.get('error_code'), code, query.toString());
  assert.equal(fragment.get('error_code'), code, fragment.toString());
  assert.deepEqual([fragment.get('access_token'), query.get('code')], [null, null]);
}

/** Breaks the law unless nobody knows what to make of the state: the site hears of it, in the query alone. */
export function isLost(answer: Answer, { site }: Bench, code = 'bad_oauth_state'): void {
  const { target, query, fragment } = landingOf(answer);
  assert.equal(target, site);
  assert.equal(query.get('error_code'), code);
  assert.deepEqual([query.get('code'), [...fragment.keys()]], [null, []]);
}
