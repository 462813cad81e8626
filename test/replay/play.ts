import { createHash, randomBytes } from 'node:crypto';
import { codeIn, linkIn, type MemoryMailer, type MovableClock } from 'nest-guardian/testing';
import { totpAt } from '../../libs/nest-guardian/src/tokens/totp.js';
import type { FakeIdp } from '../support/fake-idp.js';
import { Bindings, placeholdersIn } from './bindings.js';
import { Comparison } from './compare.js';
import type { RecordedMail, RecordedRequest, RecordedResponse, Recording, Step } from './recording.js';
import { signStepToken } from './sign-step-token.js';

/** Waits are not recorded; the README of the recordings says where they were. */
const waits: Readonly<Record<string, string>> = {
  'two behind, after the interval': '2500ms',
  'create with a hash': '1ms',
  'otp, known address': '1100ms',
  'otp with PKCE': '1100ms',
  'unverified e-mail, a second later: authorize': '1100ms',
  // What was shown when is told apart by the time, and our clock stands.
  challenge: '1s',
};

/** Bodies that the recordings only describe. */
const abridged: Readonly<Record<string, string>> = { '(a mebibyte of y)': 'y'.repeat(1_048_577) };

export interface Stage {
  readonly base: string;
  readonly issuer: string;
  readonly clock: MovableClock;
  readonly mailer: MemoryMailer;
  readonly idp: FakeIdp;
}

/** Where the identity provider of the recordings was. */
const recordedIdp = 'http://127.0.0.1:2590';

export interface Played {
  readonly step: string;
  /** In what the answer differs; empty when it is the recorded one. */
  readonly faults: readonly string[];
}

/** Plays the recording against a server, step by step, whatever becomes of each. */
export async function play(recording: Recording, stage: Stage): Promise<readonly Played[]> {
  const written = JSON.stringify(recording).replaceAll(recordedIdp, stage.idp.origin);
  const here = JSON.parse(written) as Recording;
  const player = new Player(here, stage);
  const played: Played[] = [];
  for (const step of here.steps) {
    const wait = waits[step.step];
    stage.clock.advance(wait ?? '1ms');
    played.push({ step: step.step, faults: await player.play(step) });
  }
  return played;
}

class Player {
  readonly #bindings: Bindings;
  /** What has appeared in an answer so far, and so can be known only from there. */
  readonly #answered = new Set<string>();
  #lastCode = '';
  /** Where the browser is sent with each state. */
  readonly #ways = new Map<string, string>();

  constructor(
    private readonly recording: Recording,
    private readonly stage: Stage,
  ) {
    this.#bindings = new Bindings(stage.issuer);
    const verifier = randomBytes(32).toString('base64url');
    this.#bindings.bind('verifier', verifier);
    this.#bindings.bind('challenge', createHash('sha256').update(verifier).digest('base64url'));
  }

  async play(step: Step): Promise<readonly string[]> {
    const { request, response, mail, person } = step;
    if (person !== undefined) this.stage.idp.admit(this.#bindings.fill(person));
    if (mail !== undefined) {
      const faults = await this.#receive(mail);
      this.#remember(mail);
      return faults;
    }
    if (request === undefined || response === undefined) return ['is neither an exchange nor a mail'];
    const lost = placeholdersIn(request).filter(
      (name) => this.#answered.has(name) && !this.#bindings.has(name),
    );
    const faults =
      lost.length > 0
        ? [`needs ${lost.join()}, which no answer gave`]
        : await this.#ask(step.step, request, response);
    this.#remember(response);
    return faults;
  }

  #remember(answer: unknown): void {
    for (const name of placeholdersIn(answer).filter((one) => one.includes('#'))) {
      this.#answered.add(name);
      const token = this.recording.tokens[`{{${name}}}`];
      for (const claim of placeholdersIn(token).filter((one) => one.includes('#'))) this.#answered.add(claim);
    }
  }

  async #ask(step: string, request: RecordedRequest, expected: RecordedResponse): Promise<readonly string[]> {
    for (const name of placeholdersIn(request)) this.#sign(step, name);
    this.#bindCode(request);
    await this.#bindIdpCode(request);
    this.#bindTotp();
    const { method, path, headers, body, raw } = this.#bindings.fill(request);
    const answer = await fetch(this.stage.base + path, {
      method,
      headers,
      body: body === undefined ? (abridged[raw ?? ''] ?? raw) : JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
    const text = await answer.text();
    const way = answer.headers.get('location') ?? /"url":"([^"]+)"/.exec(text)?.[1] ?? '';
    this.#lastCode = /[?&]code=([^&#]+)/.exec(way)?.[1] ?? this.#lastCode;
    const state = /[?&]state=([^&#]+)/.exec(way)?.[1];
    if (state !== undefined) this.#ways.set(state, way);
    const comparison = new Comparison(this.#bindings);
    comparison.value('status', expected.status, answer.status);
    for (const [name, value] of Object.entries(expected.headers)) {
      comparison.value(name, value, answer.headers.get(name));
    }
    const told = typeof expected.body === 'string' ? text : parse(text);
    comparison.value('body', expected.body, isAbridged(expected.body) ? abridge(told) : told);
    this.#compareTokens(comparison, expected);
    return comparison.faults;
  }

  /** Waits for the mail that the step before has caused. */
  async #receive(expected: RecordedMail): Promise<readonly string[]> {
    const mail = await this.stage.mailer.next(this.#bindings.fill(expected.to)).catch(() => null);
    if (mail === null) return ['no mail was sent'];
    this.#bindings.bind('otp', codeIn(mail));
    const comparison = new Comparison(this.#bindings);
    const { to, subject } = mail;
    comparison.value('mail', expected, { to, subject, links: [linkIn(mail)] });
    return comparison.faults;
  }

  /** What was sent as the code of a redirect is the one of the redirect before. */
  #bindCode(request: RecordedRequest): void {
    const { auth_code } = (request.body ?? {}) as { auth_code?: string };
    const [name] = placeholdersIn(auth_code);
    if (name === undefined || this.#bindings.has(name) || this.#lastCode === '') return;
    this.#bindings.bind(name, this.#lastCode);
    this.#lastCode = '';
  }

  /** The code with which the identity provider sends the browser back. */
  async #bindIdpCode(request: RecordedRequest): Promise<void> {
    const names = placeholdersIn(request);
    const name = names.find((one) => one.startsWith('provider_code#') && !this.#bindings.has(one));
    const state = names.find((one) => one.startsWith('state#')) ?? '';
    const way = this.#ways.get(this.#bindings.get(state) ?? '');
    if (name === undefined || way === undefined) return;
    const code = new URL(await this.stage.idp.visit(way)).searchParams.get('code');
    if (code !== null) this.#bindings.bind(name, code);
  }

  /** What the authenticator application shows at this moment. */
  #bindTotp(): void {
    const secret = this.#bindings.get('secret#1');
    if (secret !== undefined) this.#bindings.bind('totp', totpAt(secret, this.stage.clock.now()));
  }

  #sign(step: string, name: string): void {
    const token = this.recording.tokens[`{{${name}}}`];
    if (token === undefined || this.#bindings.has(name)) return;
    this.#bindings.bind(
      name,
      signStepToken(step, token, { bindings: this.#bindings, now: this.stage.clock.now() }),
    );
  }

  #compareTokens(comparison: Comparison, expected: RecordedResponse): void {
    for (const name of placeholdersIn(expected)) {
      const token = this.recording.tokens[`{{${name}}}`];
      const bearer = this.#bindings.get(name);
      if (token === undefined || bearer === undefined) continue;
      const [header, claims] = bearer.split('.').slice(0, 2).map(decode) as [
        object,
        { exp: number; iat: number },
      ];
      comparison.value(`${name} header`, token.header, header);
      comparison.value(`${name} claims`, token.claims, claims);
      comparison.value(`${name} lifetime`, token.lifetime, claims.exp - claims.iat);
    }
  }
}

const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told apart from JSON by being text.
    return text;
  }
}

/** A list of people is recorded as how many they are, and what is said of the first. */
const isAbridged = (body: unknown): boolean =>
  Object.hasOwn(Object(body) as object, 'keys') && Object.hasOwn(Object(body) as object, 'users');

function abridge(told: unknown): unknown {
  const { users = [], ...rest } = told as { readonly users?: readonly object[] };
  return { ...rest, users: `(${users.length})`, keys: Object.keys(users[0] ?? {}) };
}
