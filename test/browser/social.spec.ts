import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CertifiedIdp, certifiedClient } from '../support/certified-idp.js';
import { type Sample, startSample } from '../support/start-sample.js';

const executablePath = process.env.TEST_CHROMIUM;

/** Without these, Chromium asks its maker's hosts all the time. */
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', ...quiet];

/** The provider wants to know where we are before we are there. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

if (!executablePath)
  it.skip('a certified identity provider, in a browser (no TEST_CHROMIUM)', () => undefined);

(executablePath ? describe : describe.skip)('a certified identity provider, in a browser', () => {
  let idp: CertifiedIdp;
  let sample: Sample;
  let browser: Browser;
  let page: Page;
  let url: string;
  beforeAll(async () => {
    // The provider says aloud that its sign-in pages are not for production.
    jest.spyOn(console, 'info').mockImplementation(() => undefined);
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const port = await freePort();
    // A name of its own: browsers send a host's cookies to all of its ports.
    url = `http://localhost:${port}`;
    idp = await CertifiedIdp.start(`${url}/auth/v1/callback`);
    const variables = {
      GOTRUE_EXTERNAL_KEYCLOAK_ENABLED: 'true',
      GOTRUE_EXTERNAL_KEYCLOAK_URL: idp.issuer,
      GOTRUE_EXTERNAL_KEYCLOAK_CLIENT_ID: certifiedClient.clientId,
      GOTRUE_EXTERNAL_KEYCLOAK_SECRET: certifiedClient.secret,
    };
    sample = await startSample(variables, port);
    browser = await chromium.launch({ executablePath, args });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await sample?.stop();
    await idp?.close();
    jest.restoreAllMocks();
  });

  /** A browser that nobody has used. */
  beforeEach(async () => {
    const context = await browser.newContext();
    context.setDefaultTimeout(30_000);
    page = await context.newPage();
    await page.goto(url);
  }, 60_000);
  afterEach(() => page.context().close());

  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const signInThere = async (name: string): Promise<void> => {
    expect(new URL(page.url()).origin).toBe(idp.issuer);
    await page.locator('input[name=login]').fill(name);
    await page.locator('input[name=password]').fill('any');
    await press('Sign-in');
    await press('Continue');
  };
  const isSignedIn = async (email: string): Promise<void> => {
    await page.locator('#email', { hasText: email }).waitFor();
    expect(page.url()).toBe(`${url}/`);
  };

  it('signs a person in by its own page, who then keeps notes here', async () => {
    await press('Sign in with keycloak');
    await page.waitForURL(`${idp.issuer}/**`);
    await signInThere('ann');
    await isSignedIn('ann@example.com');
    await page.getByLabel('Note', { exact: true }).fill('from elsewhere');
    await press('Add');
    await page.locator('#notes li', { hasText: 'from elsewhere' }).waitFor();
    await press('Sign out');
    await press('Sign in with keycloak');
    await page.locator('#notes li', { hasText: 'from elsewhere' }).waitFor();
  }, 120_000);

  it('becomes one more way in to an account with a password, and is taken away again', async () => {
    await page.locator('#visitor input[name=email]').fill('ben@work.example');
    await page.locator('#visitor input[name=password]').fill('a quiet harbour 7');
    await press('Sign up');
    await isSignedIn('ben@work.example');
    await page.getByText('Ways to sign in').click();
    await press('Add keycloak');
    await page.waitForURL(`${idp.issuer}/**`);
    await signInThere('ben');
    await isSignedIn('ben@work.example');
    await press('Sign out');
    await press('Sign in with keycloak');
    await isSignedIn('ben@work.example');
    await page.getByText('Ways to sign in').click();
    await press('Remove keycloak');
    await page.getByRole('button', { name: 'Add keycloak' }).waitFor();
  }, 120_000);

  it('sends back whoever changes their mind, and the page says so', async () => {
    await press('Sign in with keycloak');
    await page.getByText('Cancel').click();
    await page.getByText('End-User aborted interaction').waitFor();
    expect(page.url()).toBe(`${url}/`);
    expect(await page.locator('#person').isVisible()).toBe(false);
  }, 120_000);
});
