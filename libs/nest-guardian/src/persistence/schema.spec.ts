import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { type AuthSchema, readAuthSchema, sorted } from '../../../../test/contract/read-auth-schema.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';

const contract = JSON.parse(readFileSync('test/contract/gotrue-schema.json', 'utf8')) as AuthSchema & {
  schema_migrations: string[];
};
/** Tables of ours, which GoTrue does not have. */
const isOurs = (name: string): boolean => name.startsWith('guardian_');

onBothDatabases('the migrated schema', (open) => {
  const read = async (): Promise<AuthSchema> => {
    const runner = open().dataSource.createQueryRunner();
    try {
      await runner.query(`SELECT set_config('search_path', '', false)`);
      const { tables, ...rest } = await readAuthSchema((sql) => runner.query(sql));
      return {
        ...rest,
        tables: Object.fromEntries(Object.entries(tables).filter(([name]) => !isOurs(name))),
      };
    } finally {
      await runner.query('RESET search_path');
      await runner.release();
    }
  };

  it('has every table, column, constraint, index, enum and function of GoTrue, and no others', async () => {
    const { tables, enums, functions } = sorted(contract);
    expect(await read()).toEqual({ tables, enums, functions });
  });

  it('has the index for lists of users that GoTrue makes when it is asked to', async () => {
    const definitions = await open().dataSource.query(
      `SELECT indexdef FROM pg_indexes WHERE schemaname = 'auth' AND indexname = 'idx_users_created_at_desc'`,
    );
    expect(definitions).toEqual([
      { indexdef: 'CREATE INDEX idx_users_created_at_desc ON auth.users USING btree (created_at DESC)' },
    ]);
  });

  it('notes every version, so that a GoTrue server has nothing to run', async () => {
    const rows = await open().dataSource.query('SELECT version FROM auth.schema_migrations ORDER BY version');
    expect(rows.map(({ version }: { version: string }) => version)).toEqual(
      [...contract.schema_migrations].sort(),
    );
  });

  it('has functions that read the claims of the request, and take empty for absent', async () => {
    const runner = open().dataSource.createQueryRunner();
    const ask = async (): Promise<unknown> => {
      const [row] = await runner.query(
        'SELECT auth.uid() AS uid, auth.role() AS role, auth.email() AS email, auth.jwt() AS jwt',
      );
      return row;
    };
    const set = (name: string, value: string): Promise<unknown> =>
      runner.query('SELECT set_config($1, $2, false)', [name, value]);
    const id = '8c1b279d-0117-45e5-9b10-701be0a10001';
    const claims = { sub: id, role: 'member', email: 'ann@example.com' };
    try {
      expect(await ask()).toEqual({ uid: null, role: null, email: null, jwt: null });
      await set('request.jwt.claims', JSON.stringify(claims));
      expect(await ask()).toEqual({ uid: id, role: 'member', email: 'ann@example.com', jwt: claims });
      await set('request.jwt.claim.role', 'owner');
      expect(await ask()).toMatchObject({ role: 'owner' });
      await set('request.jwt.claim.role', '');
      expect(await ask()).toMatchObject({ role: 'member' });
    } finally {
      await runner.query('RESET ALL');
      await runner.release();
    }
  });
});
