import { expect, it } from '@jest/globals';
import { apiOver } from '../../../../../test/support/api-over.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';

onBothDatabases('user_metadata', (open) => {
  const api = apiOver(open);

  const metadataOf = async (bearer: string): Promise<unknown> =>
    (await api().user(bearer)).body.user_metadata;

  it('keeps every key of ten updates at once, and loses each that one of them took away', async () => {
    const keys = Array.from({ length: 10 }, (_, index) => `key ${index}`);
    const old = Object.fromEntries(keys.map((key) => [`old ${key}`, true]));
    const { session } = await api().newPerson({ ...old, kept: { a: 1 } });
    const { access_token } = session;
    const before = (await metadataOf(access_token)) as object;
    const answers = await Promise.all(
      keys.map((key) => api().update(access_token, { data: { [key]: key, [`old ${key}`]: null } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
    const kept = Object.entries(before).filter(([key]) => !key.startsWith('old '));
    expect(await metadataOf(access_token)).toEqual({
      ...Object.fromEntries(kept),
      ...Object.fromEntries(keys.map((key) => [key, key])),
    });
  });

  it.each([
    ['missing', null],
    ['the JSON null', 'null'],
  ])('that is %s takes the first keys', async (_, raw) => {
    const { email, session } = await api().newPerson();
    await open().dataSource.query('UPDATE auth.users SET raw_user_meta_data = $2 WHERE email = $1', [
      email,
      raw,
    ]);
    const data = { name: 'Ann', 'it\'s "{quoted}"': { deep: null }, gone: null };
    expect((await api().update(session.access_token, { data })).status).toBe(200);
    expect((await api().update(session.access_token, { data: null })).status).toBe(200);
    const { gone, ...rest } = data;
    expect(gone).toBeNull();
    expect(await metadataOf(session.access_token)).toEqual(rest);
  });
});
