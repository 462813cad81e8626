import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { type Database, openDatabase } from '../../libs/nest-guardian/src/persistence/database.js';
import { RedeemBench } from '../support/redeem-bench.js';

const executablePath = process.env.TEST_CHROMIUM;

if (!executablePath) it.skip('the page with a button, in a browser (no TEST_CHROMIUM)', () => undefined);

(executablePath ? describe : describe.skip)('the page with a button, in a browser', () => {
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
    bench = await RedeemBench.open(database, { site: { url }, links: { confirmByButton: true } });
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
});
