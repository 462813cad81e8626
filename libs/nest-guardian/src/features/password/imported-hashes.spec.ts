import { randomUUID } from 'node:crypto';
import argon2 from '@node-rs/argon2';
import bcrypt from '@node-rs/bcrypt';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { type RunningApplication, startApplication } from '../../../../../test/support/start-application.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { Announcements } from '../../core/announcements.js';
import { deny } from '../../core/auth-error.js';
import { systemCaller } from '../../core/caller.js';
import { common } from '../../core/conditions.js';
import { PasswordHasher } from '../../core/ports/password-hasher.js';
import { Argon2Hasher } from '../../providers/local/argon2-hasher.js';
import { Api, goodPassword, refuses, sessionOf } from '../../testing/api.js';
import { signInWithPassword } from './password.contract.js';

type Row = Readonly<Record<string, unknown>>;

// The package's own names for them cannot be imported from here.
const [Argon2i, Argon2id] = [1, 2] as const;
const salt = 'c29tZXNhbHRzb21lc2FsdA';
const digest = 'A'.repeat(43);
const changing = ['encrypted_password', 'last_sign_in_at', 'updated_at'];
const without = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !columns.includes(name)));

onBothDatabases('a password hash of another server', (open) => {
  const tokens = { secret: 'this secret is long enough for the specs of hashes' };
  const options = { tokens, password: { autoconfirm: true }, migrations: 'off' } as const;
  const query = (sql: string, values: unknown[]): Promise<Row[]> => open().dataSource.query(sql, values);
  let application: RunningApplication;
  let api: Api;
  beforeAll(async () => {
    const provider = local({ ...options, database: open().dataSource });
    application = await startApplication({ provider, clock: new MovableClock(), adapter: 'Express' });
    api = new Api(application.base);
  });
  afterAll(() => application.close());

  const rowOf = async (email: string): Promise<Row> =>
    (await query('SELECT * FROM auth.users WHERE email = $1', [email]))[0] as Row;
  const give = (email: string, hash: string | null) =>
    query('UPDATE auth.users SET encrypted_password = $2 WHERE email = $1', [email, hash]);
  /** Somebody whose row was written by another server. */
  const importedWith = async (hash: string | null): Promise<string> => {
    const { email } = await api.newPerson();
    await give(email, hash);
    return email;
  };

  const kinds: readonly (readonly [kind: string, make: () => Promise<string>])[] = [
    ['$2a$', async () => (await bcrypt.hash(goodPassword, 4)).replace('$2b$', '$2a$')],
    ['$2b$', () => bcrypt.hash(goodPassword, 4)],
    ['$2y$', async () => (await bcrypt.hash(goodPassword, 4)).replace('$2b$', '$2y$')],
    ['$argon2i$', () => argon2.hash(goodPassword, { algorithm: Argon2i })],
    ['$argon2id$', () => argon2.hash(goodPassword, { algorithm: Argon2id, memoryCost: 1024, timeCost: 1 })],
  ];

  it.each(kinds)('A-27 %s signs in, and nothing but the hash becomes another', async (kind, make) => {
    const email = await importedWith(await make());
    const before = await rowOf(email);
    expect(before.encrypted_password).toMatch(new RegExp(`^${kind.replaceAll('$', String.raw`\$`)}`));
    refuses(await api.signIn(email, `${goodPassword}!`), '400 invalid_credentials');
    expect(await rowOf(email)).toEqual(before);
    const answer = await api.signIn(email, goodPassword);
    expect(sessionOf(answer).user.email).toBe(email);
    const after = await rowOf(email);
    expect(after.encrypted_password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(without(after, changing)).toEqual(without(before, changing));
    sessionOf(await api.signIn(email, goodPassword));
    expect((await rowOf(email)).encrypted_password).toBe(after.encrypted_password);
  });

  it('A-21 made with bcrypt fits no password of more than 72 bytes', async () => {
    const long = 'kqvzjxwm'.repeat(9);
    const email = await importedWith(await bcrypt.hash(long, 4));
    refuses(await api.signIn(email, `${long}x`), '400 invalid_credentials');
    sessionOf(await api.signIn(email, long));
  });

  it.each([
    ['none', null],
    ['empty', ''],
    ['plain text', goodPassword],
    ['a broken one', '$2b$10$broken'],
    ['a very long one', `$argon2id$v=19$m=64,t=1,p=1$${salt}$${'A'.repeat(200)}`],
    ['A-25 one of 4 GiB', `$argon2id$v=19$m=4194304,t=1000,p=1$${salt}$${digest}`],
    ['A-25 one of cost 31', `$2b$31$${'.'.repeat(53)}`],
    ['Firebase’s', '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=ou9t$b0F1$aGFzaA=='],
  ])('that cannot be computed (%s) fits nothing, like a wrong password, and stays', async (_, hash) => {
    const email = await importedWith(hash);
    for (const password of [goodPassword, 'x', '']) {
      const answer = await api.signIn(email, password);
      refuses(answer, '400 invalid_credentials', 'Invalid login credentials');
    }
    expect((await rowOf(email)).encrypted_password).toBe(hash);
  });

  it('is compared when the person takes a new password', async () => {
    const { email, session } = await api.newPerson();
    await give(email, await bcrypt.hash('an older password 7', 4));
    const same = await api.update(session.access_token, { password: 'an older password 7' });
    refuses(same, '422 same_password', 'New password should be different from the old password.');
    expect((await api.update(session.access_token, { password: 'a newer password 7' })).status).toBe(200);
    sessionOf(await api.signIn(email, 'a newer password 7'));
  });

  const signInWith = async (hasher: PasswordHasher, email: string) => {
    const provider = await local({ ...options, database: open().dataSource }).create({
      listensAt: () => null,
      prefix: 'auth/v1',
      clock: new MovableClock(),
      announcements: new Announcements(() => undefined),
      find: <T>(token: unknown) => (token === PasswordHasher ? hasher : undefined) as T | undefined,
      log: () => undefined,
    });
    const caller = { ...systemCaller, isSystem: false };
    return provider.execute(signInWithPassword, { email, password: goodPassword }, caller);
  };

  it('neither comes back over a password changed while it was being replaced, nor opens a session', async () => {
    const email = await importedWith(await bcrypt.hash(goodPassword, 4));
    const changed = `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${randomUUID().replaceAll('-', '')}`;
    class Slow extends Argon2Hasher {
      override async hash(password: string): Promise<string> {
        await give(email, changed);
        return super.hash(password);
      }
    }
    await expect(signInWith(new Slow(async () => bcrypt), email)).rejects.toMatchObject({
      code: 'invalid_credentials',
    });
    const { encrypted_password, id } = await rowOf(email);
    expect(encrypted_password).toBe(changed);
    // The one that the sign-up opened.
    expect(await query('SELECT id FROM auth.sessions WHERE user_id = $1', [id])).toHaveLength(1);
  });

  it('A-27 lets in everybody who replaces it at once', async () => {
    const email = await importedWith(await bcrypt.hash(goodPassword, 4));
    const answers = await Promise.all(Array.from({ length: 6 }, () => api.signIn(email, goodPassword)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 200));
  });

  it('A-27 that cannot be replaced just now keeps nobody out', async () => {
    const hash = await bcrypt.hash(goodPassword, 4);
    const email = await importedWith(hash);
    class Busy extends Argon2Hasher {
      override hash = async (): Promise<string> => deny(common.overloaded);
    }
    expect((await signInWith(new Busy(async () => bcrypt), email)).user.email).toBe(email);
    expect((await rowOf(email)).encrypted_password).toBe(hash);
  });
});
