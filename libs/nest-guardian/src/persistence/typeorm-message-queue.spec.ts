import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import {
  createPostgresDatabase,
  onBothDatabases,
  onPostgres,
} from '../../../../test/support/test-databases.js';
import type { OutgoingMessage, QueuedMessage } from '../core/ports/outbox.js';
import { ColumnEncryption } from '../tokens/column-encryption.js';
import { openDatabase } from './database.js';
import { TypeormMessageQueue } from './typeorm-message-queue.js';
import { TypeormPersistence } from './typeorm-persistence.js';

const at = new Date('2026-08-20T10:00:00.123Z');
const after = (seconds: number): Date => new Date(at.getTime() + seconds * 1_000);
const keyOf = (fill: number): ColumnEncryption =>
  ColumnEncryption.from(
    { keyId: `k${fill}`, keys: { [`k${fill}`]: Buffer.alloc(32, fill).toString('base64url') } },
    { path: 'encryption', mistakes: [] },
  );
const mail = (change: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  channel: 'mail',
  kind: 'recovery',
  recipient: `${randomUUID()}@example.com`,
  variables: { Token: '123456', Data: { name: 'Ann', more: [1, null] } },
  at,
  expiresAt: after(3_600),
  ...change,
});
const idsOf = (messages: readonly QueuedMessage[]): string[] => messages.map(({ id }) => id);

onBothDatabases('the outbox', (open) => {
  const queue = (encryption = ColumnEncryption.none): TypeormMessageQueue =>
    new TypeormMessageQueue(open().dataSource, encryption);
  const put = async (message = mail(), encryption = ColumnEncryption.none): Promise<OutgoingMessage> => {
    const persistence = new TypeormPersistence(open().dataSource, async () => undefined, encryption);
    await inUnit({ ...open(), persistence }, ({ outbox }) => outbox.put(message));
    return message;
  };
  const rows = (): Promise<Record<string, unknown>[]> =>
    open().dataSource.query('SELECT * FROM auth.guardian_outbox ORDER BY created_at, id');
  const claimOne = async (): Promise<QueuedMessage> =>
    (await queue().claim(1, at, after(60)))[0] as QueuedMessage;

  beforeEach(async () => {
    await open().dataSource.query('DELETE FROM auth.guardian_outbox');
  });

  it('gives what was put into it, once', async () => {
    const message = await put();
    expect(await queue().claim(10, at, after(60))).toEqual([
      { ...message, id: expect.any(String), attempts: 1 },
    ]);
    expect(await queue().claim(10, after(59), after(120))).toEqual([]);
  });

  it('never gives what was rolled back', async () => {
    const unit = open().persistence.begin();
    await unit.outbox.put(mail());
    await unit.rollback();
    expect(await rows()).toEqual([]);
  });

  it('leaves what somebody died with to the next, and counts', async () => {
    await put();
    const { id } = await claimOne();
    expect(await queue().claim(10, after(60), after(120))).toMatchObject([{ id, attempts: 2 }]);
  });

  it('gives the oldest first, and no more than was asked for', async () => {
    for (const seconds of [3, 1, 2]) await put(mail({ at: after(seconds) }));
    const claimed = await queue().claim(2, after(10), after(60));
    expect(claimed.map((message) => message.at)).toEqual([after(1), after(2)]);
  });

  it('gives nothing before it is due', async () => {
    await put(mail({ at: after(1) }));
    expect(await queue().claim(10, at, after(60))).toEqual([]);
  });

  it('gives what has expired, too, for somebody has to bury it', async () => {
    await put(mail({ expiresAt: at }));
    expect(await queue().claim(10, after(60), after(120))).toHaveLength(1);
  });

  it('forgets what was sent', async () => {
    await put();
    await queue().done((await claimOne()).id);
    expect(await rows()).toEqual([]);
  });

  it('tries again when it was told to', async () => {
    await put();
    const { id } = await claimOne();
    await queue().retry(id, after(300), 'refused');
    expect(await queue().claim(10, after(299), after(400))).toEqual([]);
    expect(await rows()).toMatchObject([{ last_error: 'refused' }]);
    expect(await queue().claim(10, after(300), after(400))).toMatchObject([{ id, attempts: 2 }]);
  });

  it('buries for good, forgets what it would have said, and lists the dead, the last first', async () => {
    const messages = [await put(), await put(), await put()];
    const claimed = await queue().claim(3, at, after(60));
    for (const [index, { id }] of claimed.entries()) await queue().bury(id, after(index), `error ${index}`);
    await queue().retry(claimed[0]?.id as string, at, 'too late');
    expect(await queue().claim(10, after(999), after(1_000))).toEqual([]);
    expect((await rows()).map(({ payload }) => payload)).toEqual([null, null, null]);
    const dead = await queue().listDead(2);
    expect(dead.map(({ diedAt, error }) => [diedAt, error])).toEqual([
      [after(2), 'error 2'],
      [after(1), 'error 1'],
    ]);
    const { id, recipient } = claimed[2] as QueuedMessage;
    expect(dead[0]).toEqual({
      id,
      recipient,
      channel: 'mail',
      kind: 'recovery',
      attempts: 1,
      error: 'error 2',
      diedAt: after(2),
    });
    expect(messages.map((message) => message.recipient)).toContain(recipient);
  });

  it('shares nothing between those who claim at the same moment', async () => {
    for (let count = 0; count < 60; count += 1) await put();
    const claims = await Promise.all(
      Array.from({ length: 20 }, () => queue().claim(5, at, after(60)).then(idsOf)),
    );
    const claimed = [...claims.flat(), ...idsOf(await queue().claim(60, at, after(60)))];
    expect(claimed).toHaveLength(60);
    expect(new Set(claimed).size).toBe(60);
  });

  describe('with an encryption key', () => {
    it('A-35 nothing of what a message says can be read in its row', async () => {
      const message = await put(mail({ variables: { Token: '424242' } }), keyOf(1));
      const [row] = await rows();
      expect(JSON.stringify(row)).not.toMatch(/424242|Token/);
      expect(await queue(keyOf(1)).claim(1, at, after(60))).toMatchObject([{ variables: message.variables }]);
    });

    it('a payload that was moved to another row says nothing', async () => {
      await put(mail(), keyOf(1));
      await open().dataSource.query('UPDATE auth.guardian_outbox SET id = gen_random_uuid()');
      expect(await queue(keyOf(1)).claim(1, at, after(60))).toEqual([]);
    });

    it('what cannot be decrypted keeps nobody waiting, however much of it there is', async () => {
      for (let count = 0; count < 5; count += 1) await put(mail(), keyOf(1));
      const readable = await put(mail({ at: after(1) }));
      expect(await queue(keyOf(2)).claim(2, after(2), after(60))).toMatchObject([readable]);
    });

    it('what cannot be decrypted keeps nobody waiting, and waits for its key until it expires', async () => {
      const message = await put(mail(), keyOf(1));
      const readable = await put();
      expect(await queue(keyOf(2)).claim(10, at, after(60))).toMatchObject([readable]);
      expect((await rows()).map(({ last_error: error }) => error)).toContainEqual(
        expect.stringContaining('cannot be decrypted'),
      );
      expect(await queue(keyOf(1)).claim(10, after(60), after(120))).toContainEqual({
        ...message,
        id: expect.any(String),
        attempts: 2,
      });
      await queue(keyOf(2)).claim(10, after(3_600), after(3_660));
      expect(await queue().listDead(10)).toMatchObject([{ recipient: message.recipient, attempts: 3 }]);
    });
  });
});

onPostgres('the outbox of a server that is away', () => {
  it('says so, and is no fault of its own', async () => {
    const { url, drop } = await createPostgresDatabase();
    const database = await openDatabase(url, 'run');
    const queue = new TypeormMessageQueue(database.dataSource, ColumnEncryption.none);
    await drop();
    await expect(queue.claim(1, at, after(60))).rejects.toMatchObject({ status: 503 });
    await database.close();
  });
});
