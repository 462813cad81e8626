import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { IdpPerson } from 'nest-guardian/testing';

/** How an endpoint is not well: it answers with this status or this text, hangs up, or never answers. */
export type Failure = number | 'hang up' | 'never' | `<${string}`;

type Endpoint = 'token' | 'userinfo' | 'keys' | 'discovery';

/** Who signs in, and what fails while they do. */
export interface FakePerson extends IdpPerson {
  readonly fail?: Readonly<Partial<Record<Endpoint, Failure>>>;
}

/** What the server under test asked, as the recordings write it down. */
export interface Asked {
  readonly asked: string;
  readonly authorization?: string;
  readonly form?: Readonly<Record<string, string>>;
}

/** What a code, and then its access token, stand for. */
interface Grant {
  readonly person: FakePerson;
  /** What the browser came with. */
  readonly query: URLSearchParams;
}

interface Question {
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly authorization: string;
  readonly accept: string;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Route {
  readonly endpoint?: Endpoint;
  readonly answer: (question: Question) => Reply;
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...publicKey.export({ format: 'jwk' }), kid: 'idp-key-1', alg: 'RS256', use: 'sig' };
const realm = '/realms/x';

/** How the servers under test are known there. */
export const keycloakClient = { clientId: 'idp-client', secret: 'idp-secret' };
export const githubClient = { clientId: 'gh-client', secret: 'gh-secret' };

/**
 * An identity provider that asks nobody: whoever has been named signs in, and the browser goes back at once. It is
 * Keycloak-like under `/realms/x` and GitHub-like, as test/recordings/README.md says; and it keeps to PKCE and nonces.
 */
export class FakeIdp {
  asked: Asked[] = [];
  #person: FakePerson = {};
  readonly #grants = new Map<string, Grant>();
  readonly #server: Server;

  private constructor(private readonly now: () => Date) {
    this.#server = createServer((request, response) => void this.#hear(request, response));
  }

  static async start(now: () => Date = () => new Date()): Promise<FakeIdp> {
    const idp = new FakeIdp(now);
    await new Promise<void>((resolve) => {
      idp.#server.listen(0, '127.0.0.1', resolve);
    });
    return idp;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What Keycloak's issuer is, and its URL. */
  get realm(): string {
    return this.origin + realm;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  /** From now on this person signs in, whoever comes. */
  admit(person: FakePerson): void {
    this.#person = person;
  }

  /** Goes where the browser was sent. @returns where it is sent back to */
  async visit(url: string): Promise<string> {
    const response = await fetch(url, { redirect: 'manual' });
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${url} is answered with ${await response.text()}`);
    return location;
  }

  /** An ID token of that person. Claims given take the place of the usual ones; `undefined` leaves one out. */
  idToken(person: IdpPerson, claims: Readonly<Record<string, unknown>> = {}): string {
    const iat = Math.floor(this.now().getTime() / 1000);
    const { clientId } = keycloakClient;
    const usual = {
      iss: this.realm,
      aud: clientId,
      typ: 'ID',
      azp: clientId,
      iat,
      auth_time: iat,
      exp: iat + 300,
    };
    return signAsIdp({ ...usual, ...claimsOf(person), ...claims });
  }

  async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', this.origin);
    const { authorization = '', accept = '' } = request.headers;
    const form = new URLSearchParams(await text(request));
    this.#note(`${request.method} ${pathname}`, { authorization, form });
    const route = this.#routes[pathname.replace(/^\/api\/v3/, '')];
    const failure = route?.endpoint && this.#person.fail?.[route.endpoint];
    if (failure === 'never') return;
    if (failure === 'hang up') return void request.socket.destroy();
    const reply = failure
      ? failing(failure)
      : (route?.answer({ query, form, authorization, accept }) ?? failing(404));
    response.writeHead(reply.status, reply.headers).end(reply.body);
  }

  #note(asked: string, { authorization, form }: Pick<Question, 'authorization' | 'form'>): void {
    const [, credentials] = /^Basic (.*)$/.exec(authorization) ?? [];
    const shown = credentials
      ? `Basic base64(${Buffer.from(credentials, 'base64').toString()})`
      : authorization;
    this.asked.push({
      asked,
      ...(shown && { authorization: shown }),
      ...(form.size > 0 && { form: Object.fromEntries([...form].toSorted()) }),
    });
  }

  readonly #routes: Readonly<Record<string, Route | undefined>> = {
    [`${realm}/.well-known/openid-configuration`]: {
      endpoint: 'discovery',
      answer: () => json(200, this.#discovery()),
    },
    [`${realm}/protocol/openid-connect/auth`]: { answer: (question) => this.#sendBack(question) },
    [`${realm}/protocol/openid-connect/certs`]: {
      endpoint: 'keys',
      answer: () => json(200, { keys: [key] }),
    },
    [`${realm}/protocol/openid-connect/token`]: {
      endpoint: 'token',
      answer: (question) => this.#keycloakToken(question),
    },
    [`${realm}/protocol/openid-connect/userinfo`]: { endpoint: 'userinfo', answer: this.#telling(claimsOf) },
    '/login/oauth/authorize': { answer: (question) => this.#sendBack(question) },
    '/login/oauth/access_token': { endpoint: 'token', answer: (question) => this.#githubToken(question) },
    '/user': { endpoint: 'userinfo', answer: this.#telling(githubUserOf) },
    '/user/emails': { answer: this.#telling(({ emails = [] }) => emails) },
  };

  #discovery(): object {
    const at = (name: string): string => `${this.realm}/protocol/openid-connect/${name}`;
    return {
      issuer: this.realm,
      authorization_endpoint: at('auth'),
      token_endpoint: at('token'),
      userinfo_endpoint: at('userinfo'),
      jwks_uri: at('certs'),
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    };
  }

  #sendBack({ query }: Question): Reply {
    const { error, error_description: description } = this.#person;
    const location = new URL(query.get('redirect_uri') ?? '');
    if (error === undefined)
      location.searchParams.set('code', this.#grant('code', { person: this.#person, query }));
    else location.searchParams.set('error', error);
    if (description !== undefined) location.searchParams.set('error_description', description);
    location.searchParams.set('state', query.get('state') ?? '');
    return { status: 302, headers: { location: location.href }, body: '' };
  }

  #grant(kind: string, grant: Grant): string {
    const made = `${kind}-${randomBytes(16).toString('hex')}`;
    this.#grants.set(made, grant);
    return made;
  }

  /** Of a client that shows its secret, in the header or in the form. */
  #keycloakToken(question: Question): Reply {
    if (!isClient(keycloakClient, question)) return json(401, { error: 'unauthorized_client' });
    const grant = this.#redeem(question.form, keycloakClient.clientId);
    if (grant === null) return json(400, { error: 'invalid_grant', error_description: 'Code not valid' });
    const nonce = grant.query.get('nonce');
    return json(200, {
      access_token: this.#grant('token', grant),
      expires_in: 300,
      refresh_token: this.#grant('renewal', grant),
      token_type: 'Bearer',
      id_token: this.idToken(grant.person, nonce === null ? {} : { nonce }),
      scope: grant.query.get('scope'),
    });
  }

  /** GitHub answers with 200 whatever it says, as a form unless it is asked for JSON, and gives no refresh token. */
  #githubToken(question: Question): Reply {
    const grant = isClient(githubClient, question)
      ? this.#redeem(question.form, githubClient.clientId)
      : null;
    const answer: Readonly<Record<string, string>> =
      grant === null
        ? { error: 'bad_verification_code' }
        : { access_token: this.#grant('token', grant), scope: 'user:email', token_type: 'bearer' };
    if (question.accept.includes('application/json')) return json(200, answer);
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    return { status: 200, headers, body: new URLSearchParams(answer).toString() };
  }

  /** Takes this client's code; a verifier has to be the one of its challenge (RFC 7636). */
  #redeem(form: URLSearchParams, clientId: string): Grant | null {
    const code = form.get('code') ?? '';
    const grant = this.#grants.get(code);
    if (grant === undefined || form.get('redirect_uri') !== grant.query.get('redirect_uri')) return null;
    if (clientId !== grant.query.get('client_id')) return null;
    const challenge = grant.query.get('code_challenge');
    const shown = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (challenge !== null && challenge !== shown) return null;
    this.#grants.delete(code);
    return grant;
  }

  #telling(what: (person: FakePerson) => object): (question: Question) => Reply {
    return ({ authorization }) => {
      const grant = this.#grants.get(authorization.replace(/^bearer /i, ''));
      return grant === undefined ? json(401, { error: 'invalid_token' }) : json(200, what(grant.person));
    };
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as the provider signs them, whatever it says. */
export function signAsIdp(
  claims: object,
  header: object = { alg: 'RS256', typ: 'JWT', kid: key.kid },
): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

function claimsOf({ sub, email, email_verified, name, preferred_username, picture }: IdpPerson): object {
  const [given_name, family_name] = name?.split(' ') ?? [];
  return { sub, email_verified, name, preferred_username, given_name, family_name, email, picture };
}

const githubUserOf = ({
  id,
  preferred_username: login,
  name,
  picture: avatar_url,
  email,
}: IdpPerson): object => ({
  login,
  id,
  avatar_url,
  name,
  email,
});

/** RFC 6749 2.3.1. */
function isClient({ clientId, secret }: typeof keycloakClient, { form, authorization }: Question): boolean {
  const basic = Buffer.from(authorization.replace(/^basic /i, ''), 'base64').toString();
  return (
    basic === `${clientId}:${secret}` ||
    `${form.get('client_id')}:${form.get('client_secret')}` === `${clientId}:${secret}`
  );
}

const json = (status: number, value: object): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

const failing = (failure: Exclude<Failure, 'never' | 'hang up'>): Reply =>
  typeof failure === 'number'
    ? json(failure, { error: 'server_error' })
    : { status: 200, headers: { 'content-type': 'text/html' }, body: failure };
