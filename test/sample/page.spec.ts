import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { totpAt } from '../../libs/nest-guardian/src/tokens/totp.js';
import { ask } from '../support/ask.js';
import { FakeIdp, githubClient } from '../support/fake-idp.js';
import { type Sample, startSample } from '../support/start-sample.js';

const password = 'a quiet harbour 7';
const scope = globalThis as Record<string, unknown>;
const realFetch = globalThis.fetch;

/** As much of an element as the page's script touches. */
class FakeElement {
  hidden = true;
  textContent = '';
  src = '';
  children: FakeElement[] = [];
  values: Record<string, string> = {};
  onsubmit?: (event: unknown) => void;
  onclick?: () => void;
  append = (...children: FakeElement[]): number => this.children.push(...children);
  replaceChildren = (...children: FakeElement[]): unknown => (this.children = children);
  reset = (): unknown => (this.values = {});
}

/** A browser's tab with the page's script in it. */
class Tab {
  readonly calls: string[] = [];
  /** Where the browser was sent. */
  left: string | null = null;
  /** The cookie that it was given last. */
  cookie = '';
  readonly #elements = new Map<string, FakeElement>();
  #pending = 0;

  constructor(
    private readonly url: string,
    readonly storage: Record<string, string> = {},
    private readonly hash = '',
  ) {}

  async open(): Promise<this> {
    const { storage } = this;
    scope.document = {
      getElementById: (id: string) => this.find(id),
      createElement: () => new FakeElement(),
    };
    scope.sessionStorage = {
      getItem: (name: string) => storage[name] ?? null,
      setItem: (name: string, value: string) => (storage[name] = value),
      removeItem: (name: string) => delete storage[name],
    };
    const assign = (next: string): unknown => (this.left = next);
    scope.location = { hash: this.hash, search: '', pathname: '/', origin: this.url, assign };
    scope.history = { replaceState: () => undefined };
    scope.FormData = function formData(form: FakeElement) {
      return Object.entries(form.values);
    };
    scope.fetch = (path: string, init: RequestInit) => this.#fetch(path, init);
    jest.resetModules();
    // @ts-expect-error The script is for browsers and declares no types.
    await import('../../src/page/page.js');
    await this.#settled();
    return this;
  }

  async submit(id: string, values: Record<string, string>, button?: string): Promise<void> {
    const target = Object.assign(this.find(id), { values });
    target.onsubmit?.({ preventDefault: () => undefined, target, submitter: { value: button } });
    await this.#settled();
  }

  async click(element: FakeElement): Promise<void> {
    element.onclick?.();
    await this.#settled();
  }

  find(id: string): FakeElement {
    const element = this.#elements.get(id) ?? new FakeElement();
    this.#elements.set(id, element);
    return element;
  }

  /** What a person sees. */
  get seen() {
    const notes = this.find('notes').children.map(({ children: [text] }) => text as unknown as string);
    const isSignedIn = this.find('visitor').hidden && !this.find('person').hidden;
    return { isSignedIn, notes, message: this.find('message').textContent };
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    this.calls.push(`${init.method} ${path}`);
    this.#pending += 1;
    try {
      const response = await realFetch(`${this.url}${path}`, init);
      const [cookie] = response.headers.getSetCookie();
      if (cookie) this.cookie = cookie.split(';')[0]!;
      return new Response(response.status === 204 ? null : await response.arrayBuffer(), response);
    } finally {
      this.#pending -= 1;
    }
  }

  /** Until nothing has been asked for a while, counted in turns of the event loop. */
  async #settled(): Promise<void> {
    for (let quiet = 0; quiet < 20; quiet = this.#pending > 0 ? 0 : quiet + 1) {
      await new Promise((resume) => setImmediate(resume));
    }
  }
}

describe('the page', () => {
  let sample: Sample;
  beforeAll(async () => {
    sample = await startSample();
  });
  afterAll(() => sample.stop());
  afterEach(() => {
    scope.fetch = realFetch;
  });

  const email = (): string => `${randomUUID()}@example.com`;
  const signedUp = async (address = email()): Promise<Tab> => {
    const tab = await new Tab(sample.url).open();
    await tab.submit('visitor', { email: address, password }, 'sign-up');
    expect(tab.seen).toEqual({ isSignedIn: true, notes: [], message: '' });
    return tab;
  };

  it('signs up, adds notes, deletes one and signs out', async () => {
    const tab = await signedUp();
    await tab.submit('new-note', { text: 'one' });
    await tab.submit('new-note', { text: 'two' });
    expect(tab.seen.notes).toEqual(['two', 'one']);
    await tab.click(tab.find('notes').children[0]!.children[1]!);
    expect(tab.seen).toEqual({ isSignedIn: true, notes: ['one'], message: '' });
    await tab.click(tab.find('sign-out'));
    expect(tab.seen).toEqual({ isSignedIn: false, notes: [], message: '' });
    expect(tab.storage).toEqual({});
  });

  it('changes the password, with which one signs in from then on', async () => {
    const address = email();
    const tab = await signedUp(address);
    await tab.submit('new-password', { password: 'another harbour 8' });
    expect(tab.seen.message).toBe('Your password is changed.');
    const other = await new Tab(sample.url).open();
    await other.submit('visitor', { email: address, password }, 'sign-in');
    expect(other.seen).toMatchObject({ isSignedIn: false, message: 'Invalid login credentials' });
    await other.submit('visitor', { email: address, password: 'another harbour 8' }, 'sign-in');
    expect(other.seen.isSignedIn).toBe(true);
  });

  it('sets an authenticator up, asks for it at the next sign-in, and deletes all notes', async () => {
    const address = email();
    const tab = await signedUp(address);
    await tab.submit('new-note', { text: 'one' });
    await tab.click(tab.find('set-up'));
    expect(decodeURIComponent(tab.find('picture').src)).toMatch(/^data:image\/svg\+xml;utf-8,<svg /);
    const seed = tab.find('seed').textContent;
    await tab.submit('second-factor', { code: totpAt(seed, new Date()) });
    expect(tab.find('second-factor').hidden).toBe(true);
    expect(tab.find('seed').textContent).toBe('');
    expect(tab.seen).toEqual({ isSignedIn: true, notes: ['one'], message: '' });

    const other = await new Tab(sample.url).open();
    await other.submit('visitor', { email: address, password }, 'sign-in');
    expect(other.find('second-factor').hidden).toBe(false);
    expect(other.seen.notes).toEqual([]);
    // The code of this half minute was shown already; the next one is good a little early.
    await other.submit('second-factor', { code: totpAt(seed, new Date(Date.now() + 30_000)) });
    expect(other.seen).toEqual({ isSignedIn: true, notes: ['one'], message: '' });
    await other.click(other.find('delete-all'));
    expect(other.seen).toEqual({ isSignedIn: true, notes: [], message: 'Your notes are gone.' });
  });

  it('says what was wrong with a field', async () => {
    const tab = await signedUp();
    await tab.submit('new-note', { text: '' });
    expect(tab.seen).toMatchObject({ isSignedIn: true, message: 'text should not be empty' });
  });

  it('keeps the session when it is loaded again, and gets a new token when the old one runs out', async () => {
    const { storage } = await signedUp();
    const session = JSON.parse(storage.session!);
    const settings = 'GET /auth/v1/settings';
    expect((await new Tab(sample.url, storage).open()).calls).toEqual([settings, 'GET /notes']);
    storage.session = JSON.stringify({ ...session, expires_at: Date.now() / 1000 + 30 });
    const tab = await new Tab(sample.url, storage).open();
    const refresh = 'POST /auth/v1/token?grant_type=refresh_token';
    expect(tab.calls).toEqual([settings, refresh, 'GET /notes']);
    expect(tab.seen.isSignedIn).toBe(true);
    expect(JSON.parse(storage.session).refresh_token).not.toBe(session.refresh_token);
  });

  it('asks for the password again when the session was ended elsewhere', async () => {
    const tab = await signedUp();
    const { access_token: bearer } = JSON.parse(tab.storage.session!);
    scope.fetch = realFetch;
    await ask(`${sample.url}/auth/v1/logout`, { method: 'POST', bearer });
    scope.fetch = undefined;
    const reloaded = await new Tab(sample.url, tab.storage).open();
    expect(reloaded.seen.isSignedIn).toBe(false);
    expect(reloaded.storage).toEqual({});
  });
});

describe('the page where identity providers are switched on', () => {
  let idp: FakeIdp;
  let sample: Sample;
  beforeAll(async () => {
    idp = await FakeIdp.start();
    sample = await startSample({
      GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true',
      GOTRUE_EXTERNAL_GITHUB_URL: idp.origin,
      GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: githubClient.clientId,
      GOTRUE_EXTERNAL_GITHUB_SECRET: githubClient.secret,
      GOTRUE_EXTERNAL_KEYCLOAK_ENABLED: 'false',
    });
  });
  afterAll(async () => {
    await sample.stop();
    await idp.close();
  });
  afterEach(() => {
    scope.fetch = realFetch;
  });

  const textsIn = (tab: Tab, id: string): string[] =>
    tab.find(id).children.map(({ textContent }) => textContent);
  const press = (tab: Tab, id: string): Promise<void> => tab.click(tab.find(id).children[0]!);

  it('has a button for each of them', async () => {
    const tab = await new Tab(sample.url).open();
    expect(tab.find('elsewhere').hidden).toBe(false);
    expect(textsIn(tab, 'elsewhere')).toEqual(['Sign in with github']);
    await press(tab, 'elsewhere');
    const redirect = encodeURIComponent(`${sample.url}/`);
    expect(tab.left).toBe(`/auth/v1/authorize?provider=github&redirect_to=${redirect}`);
  });

  it('adds one to the ways in that a person has, and takes it away again', async () => {
    const email = `${randomUUID()}@example.com`;
    const tab = await new Tab(sample.url).open();
    await tab.submit('visitor', { email, password }, 'sign-up');
    expect(textsIn(tab, 'ways')).toEqual(['Add github']);
    await press(tab, 'ways');
    scope.fetch = realFetch;
    idp.admit({ id: 1001, email, emails: [{ email, primary: true, verified: true }] });
    const back = new URL(await idp.visit(tab.left!));
    const answer = await ask(back.href, { headers: { cookie: tab.cookie } });
    const { hash } = new URL(answer.headers.get('location')!);

    const landed = await new Tab(sample.url, tab.storage, hash).open();
    expect(landed.seen).toEqual({ isSignedIn: true, notes: [], message: '' });
    expect(textsIn(landed, 'ways')).toEqual(['Remove github']);
    await press(landed, 'ways');
    expect(textsIn(landed, 'ways')).toEqual(['Add github']);
  });

  it('says what went wrong there, and goes on with whoever was signed in', async () => {
    const tab = await new Tab(sample.url).open();
    await tab.submit('visitor', { email: `${randomUUID()}@example.com`, password }, 'sign-up');
    await tab.submit('new-note', { text: 'one' });
    const hash = '#error=access_denied&error_description=Not+today';
    const landed = await new Tab(sample.url, tab.storage, hash).open();
    expect(landed.seen).toEqual({ isSignedIn: true, notes: ['one'], message: 'Not today' });
  });
});
