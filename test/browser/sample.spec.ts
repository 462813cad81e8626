import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Sample, startSample } from '../support/start-sample.js';

const executablePath = process.env.TEST_CHROMIUM;

/** Without these, Chromium asks its maker's hosts all the time. */
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', ...quiet];

if (!executablePath) it.skip('the sample application in a browser (no TEST_CHROMIUM)', () => undefined);

(executablePath ? describe : describe.skip)('the sample application in a browser', () => {
  const [email, password] = ['ann@example.com', 'a quiet harbour 7'];
  let sample: Sample;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    sample = await startSample();
    browser = await chromium.launch({ executablePath, args });
    page = await browser.newPage();
    page.setDefaultTimeout(10_000);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await sample?.stop();
  });

  const isSignedIn = () => page.locator('#person').waitFor({ state: 'visible' });

  const signUp = async (address: string): Promise<void> => {
    await page.locator('#visitor input[name=email]').fill(address);
    await page.locator('#visitor input[name=password]').fill(password);
    await page.getByRole('button', { name: 'Sign up' }).click();
    await isSignedIn();
  };

  /** Opens the newest mail to the address in the mailbox page, and what it links to. */
  const followMail = async (subject: RegExp): Promise<void> => {
    await page.goto(`${sample.url}/auth/v1/mailbox`);
    await page.getByRole('link', { name: subject }).first().click();
    const mail = page.locator('iframe').first().contentFrame();
    await mail.locator('a[href*="/verify?"]').first().click();
  };

  it('signs a person up, sends a link to the mailbox page, and signs in whoever follows it', async () => {
    await page.goto(sample.url);
    await signUp(email);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('#by-mail input[name=email]').fill(email);
    await page.getByRole('button', { name: 'Sign in by mail' }).click();
    await page.getByText('Look into your mailbox.').waitFor();
    await followMail(/link/i);
    await isSignedIn();
    expect(await page.locator('#email').textContent()).toBe(email);
    expect(page.url()).not.toContain('access_token');
  }, 60_000);

  it('lets somebody who forgot the password in by mail, and choose another one', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signUp('ben@example.com');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('#by-mail input[name=email]').fill('ben@example.com');
    await page.getByRole('button', { name: 'Forgot password' }).click();
    await page.getByText('Look into your mailbox.').waitFor();
    await followMail(/password/i);
    await page.getByLabel('New password').fill('another harbour 8');
    await page.locator('#new-password button').click();
    await page.getByText('Your password is changed.').waitFor();
  }, 60_000);
});
