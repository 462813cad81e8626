import { randomUUID } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { newSession, newUser } from '../../../../test/support/people.js';
import {
  createPostgresDatabase,
  onBothDatabases,
  onPostgres,
} from '../../../../test/support/test-databases.js';
import { openDatabase } from './database.js';
import { embeddedDataSourceOptions } from './embedded-database.js';
import { TypeormPersistence } from './typeorm-persistence.js';

describe('what a unit of work asks of the database', () => {
  const asked: string[] = [];
  const silent = (): void => undefined;
  const logger = {
    logQueryError: silent,
    logQuerySlow: silent,
    logSchemaBuild: silent,
    logMigration: silent,
    log: silent,
    logQuery: (query: string) => void asked.push(query.trim()),
  };
  let source: DataSource;
  let persistence: TypeormPersistence;
  const counted = async (work: () => Promise<unknown>): Promise<string[]> => {
    asked.length = 0;
    await work();
    return asked.map((query) => query.slice(0, 17));
  };

  const user = newUser();
  const session = newSession(user.id);
  beforeAll(async () => {
    source = await new DataSource({
      ...embeddedDataSourceOptions({ directory: ':memory:' }),
      logger,
    }).initialize();
    persistence = new TypeormPersistence(source, async () => undefined);
    const unit = persistence.begin();
    await unit.users.insert(user);
    await unit.sessions.open(session);
    await unit.commit();
  });
  afterAll(() => source.destroy());

  it('is nothing while nothing is read or written', async () => {
    const unit = persistence.begin();
    expect(
      await counted(async () => {
        await unit.commit();
        await unit.rollback();
      }),
    ).toEqual([]);
  });

  it.each([
    ['findById', () => persistence.begin().users.findById(user.id)],
    ['findByEmail', () => persistence.begin().users.findByEmail(user.email as string, 'authenticated')],
    ['findWithSession', () => persistence.begin().users.findWithSession(user.id, session.id)],
    ['findWithUser', () => persistence.begin().sessions.findWithUser(session.id, false)],
  ])('is one statement and no transaction for %s', async (_, read) => {
    expect(await counted(read)).toEqual([expect.stringMatching(/^SELECT/)]);
  });

  it('is one statement between its beginning and its end for a rotation', async () => {
    const unit = persistence.begin();
    const turn = { sessionId: session.id, counter: 0, at: new Date(), userAgent: null, ip: null };
    const statements = await counted(async () => {
      expect(await unit.sessions.rotate(turn)).not.toBeNull();
      await unit.commit();
    });
    expect(statements).toEqual(['START TRANSACTION', expect.stringMatching(/^WITH s AS/), 'COMMIT']);
  });

  it('is one transaction for two first writes at once', async () => {
    const unit = persistence.begin();
    const statements = await counted(async () => {
      await Promise.all([unit.users.insert(newUser()), unit.users.insert(newUser())]);
      await unit.commit();
    });
    expect(statements.filter((statement) => statement === 'START TRANSACTION')).toHaveLength(1);
  });
});

onBothDatabases('a unit of work', (open) => {
  const begin = () => open().persistence.begin();

  it('sees what it has written, and others do only once it is committed', async () => {
    const [unit, user] = [begin(), newUser()];
    expect(await unit.users.findById(user.id)).toBeNull();
    await unit.users.insert(user);
    expect((await unit.users.findById(user.id))?.id).toBe(user.id);
    await unit.commit();
    expect((await begin().users.findById(user.id))?.id).toBe(user.id);
  });

  it('undoes on rollback, and gives its connection back', async () => {
    for (let round = 0; round < 15; round++) {
      const [unit, user] = [begin(), newUser()];
      await unit.users.insert(user);
      await unit.rollback();
      await unit.rollback();
      expect(await begin().users.findById(user.id)).toBeNull();
    }
  });

  it('does not pretend to keep what a failed statement has undone', async () => {
    const [unit, user] = [begin(), newUser()];
    await unit.users.insert(user);
    const orphan = {
      userId: randomUUID(),
      provider: 'email',
      providerId: 'x',
      identityData: {},
      at: new Date(),
    };
    await expect(unit.users.insertIdentity(orphan)).rejects.toMatchObject({ code: '23503' });
    await expect(unit.commit()).rejects.toThrow(/nothing of it can be kept/);
    expect(await begin().users.findById(user.id)).toBeNull();
  });

  it('keeps with its own rows what others write with its manager', async () => {
    const [kept, undone] = [newUser(), newUser()];
    for (const user of [kept, undone]) {
      const unit = begin();
      const manager = await unit.manager();
      await unit.users.insert(user);
      await manager.query('UPDATE auth.users SET role = $2 WHERE id = $1', [user.id, 'written']);
      expect(await unit.users.findById(user.id)).toMatchObject({ role: 'written' });
      await (user === kept ? unit.commit() : unit.rollback());
    }
    expect(await begin().users.findById(kept.id)).toMatchObject({ role: 'written' });
    expect(await begin().users.findById(undone.id)).toBeNull();
  });

  it('does not pretend to keep what a statement of others has undone, though they made nothing of it', async () => {
    const [unit, user] = [begin(), newUser()];
    await unit.users.insert(user);
    const manager = await unit.manager();
    await manager.query('SELECT nothing').catch(() => undefined);
    await expect(unit.commit()).rejects.toThrow(/nothing of it can be kept/);
    expect(await begin().users.findById(user.id)).toBeNull();
  });

  it('pings', () => open().persistence.ping());
});

onPostgres('a database that goes away', () => {
  it('is databaseUnavailable for reads, writes and commits, and a rollback stays silent', async () => {
    const { url, drop } = await createPostgresDatabase();
    const { persistence, close } = await openDatabase(url, 'run');
    const away = { code: 'database_unavailable', status: 503 };
    const [unit, user] = [persistence.begin(), newUser()];
    await unit.users.insert(user);
    await drop();
    await expect(unit.users.findById(user.id)).rejects.toMatchObject(away);
    await unit.rollback();
    await close();
    await expect(persistence.ping()).rejects.toMatchObject(away);
    await expect(persistence.begin().users.insert(user)).rejects.toMatchObject(away);
  });

  it('lets a lock wait for the one who holds it', async () => {
    const { url, drop } = await createPostgresDatabase();
    const { persistence, close } = await openDatabase(url, 'run');
    const user = newUser();
    const session = newSession(user.id);
    const [first, second] = [persistence.begin(), persistence.begin()];
    await first.users.insert(user);
    await first.sessions.open(session);
    await first.commit();
    await first.sessions.findWithUser(session.id, true);
    const order: string[] = [];
    const waiting = second.sessions.findWithUser(session.id, true).then((found) => {
      order.push('second');
      return found;
    });
    await first.sessions.rotate({
      sessionId: session.id,
      counter: 0,
      at: new Date(),
      userAgent: null,
      ip: null,
    });
    order.push('first');
    await first.commit();
    expect((await waiting)?.session.refreshTokenCounter).toBe(1);
    expect(order).toEqual(['first', 'second']);
    await second.rollback();
    await close();
    await drop();
  });
});

onPostgres('a server that goes away and comes back', () => {
  it('is databaseUnavailable meanwhile, and answers again afterwards', async () => {
    const { url, drop } = await createPostgresDatabase();
    const line = await openLine(new URL(url));
    const through = new URL(url);
    through.port = String(line.port);
    const { persistence, close } = await openDatabase(through.href, 'run');
    await line.cut();
    for (const work of [() => persistence.ping(), () => persistence.begin().users.insert(newUser())]) {
      await expect(work()).rejects.toMatchObject({ code: 'database_unavailable' });
    }
    await line.mend();
    await persistence.ping();
    await close();
    await line.cut();
    await drop();
  });
});

/** A port that leads to the server until it is cut. */
async function openLine(server: URL): Promise<{ port: number; cut(): Promise<void>; mend(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const line = createServer((near) => {
    const far = connect(Number(server.port || 5432), server.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined).pipe(to);
    }
  });
  const listen = (port: number): Promise<void> => new Promise((done) => line.listen(port, '127.0.0.1', done));
  await listen(0);
  const { port } = line.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => line.close(done));
  };
  return { port, cut, mend: () => listen(port) };
}
