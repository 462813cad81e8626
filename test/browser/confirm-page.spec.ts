import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { type Database, openDatabase } from '../../libs/nest-guardian/src/persistence/database.js';
import { fragmentOf, RedeemBench } from '../support/redeem-bench.js';
import { ScriptedIdp } from '../support/scripted-idp.js';

const executablePath = process.env.TEST_CHROMIUM;

if (!executablePath) it.skip('the page with a button, in a browser (no TEST_CHROMIUM)', () => undefined);

(executablePath ? describe : describe.skip)('the page with a button, in a browser', () => {
  const idp = new ScriptedIdp('one');
  let browser: Browser;
  let database: Database;
  let bench: RedeemBench;
  let application: Server;
  let url: string;
  beforeAll(async () => {
    application = createServer((_, response) => void response.end('the application'));
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
    database = await openDatabase(':memory:', 'run');
    bench = await RedeemBench.open(database, {
      site: { url },
      links: { confirmByButton: true },
      oauth: { idps: { one: idp.choice } },
      identities: { manualLinking: true },
    });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    application?.close();
    await bench?.close();
    await database?.close();
  });

  it('A-32 sends whoever presses it to the application, which is of another origin, with the session', async () => {
    const { sent } = await bench.sendNew('signup');
    const page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(`${bench.base}/verify?token=${sent.linkToken}&type=signup&redirect_to=${url}/welcome`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('the application').waitFor();
    expect(page.url()).toContain(`${url}/welcome#access_token=`);
  }, 60_000);

  it('adds a way in for who asked on a page of another origin, without credentials, as supabase-js does', async () => {
    const { user, sent } = await bench.sendNew('magiclink');
    const { access_token: bearer } = fragmentOf(
      await bench.follow(sent.linkToken, 'magiclink', { confirm: 'yes' }),
    );
    const page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(url);
    const link: string = await page.evaluate(
      async ([base, token]) => {
        const headers = { authorization: `Bearer ${token}` };
        const query = 'provider=one&skip_http_redirect=true';
        const answer = await fetch(`${base}/user/identities/authorize?${query}`, { headers });
        return ((await answer.json()) as { url: string }).url;
      },
      [bench.base, bearer] as const,
    );
    const state = new URL(link).searchParams.get('state');
    await page.goto(`${bench.base}/callback?state=${state}&code=c`);
    await page.getByText(user.email ?? '').waitFor();
    await page.getByRole('button', { name: 'Add one' }).click();
    await page.getByText('the application').waitFor();
    expect(page.url()).toContain(`${url}/#access_token=`);
    expect((await bench.find(user)).identities.map(({ provider }) => provider)).toContain('one');
  }, 60_000);
});
