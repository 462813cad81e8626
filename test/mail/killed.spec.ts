import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inFlightAtMost } from '../../libs/nest-guardian/src/delivery/outbox-worker.js';
import { type Database, openDatabase } from '../../libs/nest-guardian/src/persistence/database.js';
import { TypeormMessageQueue } from '../../libs/nest-guardian/src/persistence/typeorm-message-queue.js';
import { ColumnEncryption } from '../../libs/nest-guardian/src/tokens/column-encryption.js';
import { Command } from '../support/command.js';
import { createPostgresDatabase, onPostgres } from '../support/test-databases.js';
import { SmtpInbox } from '../support/smtp-inbox.js';
import { hasOpenssl, makeCertificate } from './certificate.js';

const mails = 1_000;
const kills = 20;
const minutes = 60_000;

const run = hasOpenssl ? onPostgres : describe.skip;
const lack = hasOpenssl ? '' : ' (no openssl)';

run(`a thousand mails, and a server that is killed twenty times${lack}`, () => {
  let command: Command;
  let database: Database;
  let url: string;
  let drop: () => Promise<void>;
  let smtp: SmtpInbox;
  let certificate: string;

  beforeAll(async () => {
    ({ url, drop } = await createPostgresDatabase());
    database = await openDatabase(url, 'run');
    command = await Command.install();
    const made = makeCertificate();
    certificate = join(command.folder, 'cert.pem');
    await writeFile(certificate, made.cert);
    smtp = await SmtpInbox.start({ disabledCommands: [], ...made });
  }, 3 * minutes);
  afterAll(async () => {
    await smtp.close();
    await command.remove();
    await database.close();
    await drop();
  });

  const start = () =>
    command.serve({
      DATABASE_URL: url,
      GOTRUE_JWT_SECRET: 'a secret of more than thirty-two bytes, for the specs',
      GOTRUE_SMTP_HOST: 'localhost',
      GOTRUE_SMTP_PORT: String(smtp.port),
      GOTRUE_SMTP_ADMIN_EMAIL: 'accounts@example.com',
      NODE_EXTRA_CA_CERTS: certificate,
    });
  /** What a process that died had claimed is claimed again when its time is over. */
  const letLeasesEnd = () =>
    database.dataSource.query(
      `UPDATE auth.guardian_outbox SET next_attempt_at = next_attempt_at - interval '3 minutes'`,
    );
  const waiting = async (): Promise<number> =>
    (await database.dataSource.query('SELECT count(*)::int AS n FROM auth.guardian_outbox'))[0].n;

  async function fill(): Promise<void> {
    const unit = database.persistence.begin();
    const at = new Date();
    for (let i = 0; i < mails; i += 1) {
      await unit.outbox.put({
        channel: 'mail',
        kind: 'recovery',
        recipient: `p${i}@example.com`,
        variables: {
          SiteURL: 'https://a.example',
          ConfirmationURL: 'https://a.example/?token=1',
          Token: '123456',
        },
        at,
        expiresAt: new Date(at.getTime() + 60 * minutes),
      });
    }
    await unit.commit();
  }

  it(
    'every mail arrives, over TLS, and no other than those on their way at a kill arrives again',
    async () => {
      await fill();
      /** How many had arrived at each kill. */
      const arrivedAt: number[] = [];
      for (let round = 0; round < kills; round += 1) {
        const before = smtp.received.length;
        const served = await start();
        while (smtp.received.length === before && (await waiting()) > 0) await after(5);
        await after(Math.floor((round * 37) % 100));
        served.signal('SIGKILL');
        await served.ended;
        // What it had sent by then may not have been read yet.
        await after(20);
        arrivedAt.push(smtp.received.length);
        await letLeasesEnd();
      }
      expect(await waiting()).toBeGreaterThan(0);
      const served = await start();
      while ((await waiting()) > 0) await after(50);
      await served.stop();

      const lastRound = new Map<string, number>();
      const again = Array.from({ length: kills + 1 }, () => 0);
      smtp.received.forEach(({ to, isEncrypted }, index) => {
        expect(isEncrypted).toBe(true);
        const [address = ''] = to;
        const round = arrivedAt.filter((count) => count <= index).length;
        const earlier = lastRound.get(address);
        if (earlier !== undefined) again[earlier] = (again[earlier] as number) + 1;
        lastRound.set(address, round);
      });
      expect(lastRound.size).toBe(mails);
      expect(Math.max(...again)).toBeLessThanOrEqual(inFlightAtMost);
      // Nothing is sent twice where nobody was killed.
      expect(again[kills]).toBe(0);
      process.stdout.write(
        `Sent again: ${again.reduce((sum, count) => sum + count, 0)} after ${kills} kills\n`,
      );
    },
    5 * minutes,
  );

  it('`mail dead` lists what was given up', async () => {
    const unit = database.persistence.begin();
    const at = new Date();
    const mail = { channel: 'mail', kind: 'invite', recipient: 'ann@example.com', variables: {} } as const;
    await unit.outbox.put({ ...mail, at, expiresAt: at });
    await unit.commit();
    const queue = new TypeormMessageQueue(database.dataSource, ColumnEncryption.none);
    const [claimed] = await queue.claim(1, at, at);
    await queue.bury(claimed?.id as string, at, '550 no such user');
    const { code, out } = await command.run(['mail', 'dead'], { DATABASE_URL: url });
    expect(code).toBe(0);
    expect(out).toBe(`${at.toISOString()}  mail invite  to ann@example.com  1 attempts: 550 no such user\n`);
  });
});
