import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Column, DataSource, type DataSourceOptions, Entity, ManyToOne, PrimaryColumn } from 'typeorm';
import { type AuthSchema, readAuthSchema, sorted } from '../../../../test/contract/read-auth-schema.js';
import { ownTables } from '../../../../test/support/own-tables.js';
import { createPostgresDatabase, onPostgres } from '../../../../test/support/test-databases.js';
import { authEntities } from './auth-entities.js';
import { openDatabase } from './database.js';
import { embeddedDataSourceOptions } from './embedded-database.js';
import { UserEntity } from './entities/user.entity.js';
import { runMigrations } from './run-migrations.js';

@Entity()
class Note {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text' })
  body!: string;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE' })
  author!: UserEntity;
}

const contract = JSON.parse(readFileSync('test/contract/gotrue-schema.json', 'utf8')) as AuthSchema;

/** An application that lets TypeORM make its tables, and refers to our users. */
async function synchronizing(options: DataSourceOptions): Promise<void> {
  const source = await new DataSource({
    ...options,
    entities: [...authEntities, Note],
    synchronize: true,
  } as DataSourceOptions).initialize();
  try {
    await source.synchronize();
    expect((await source.driver.createSchemaBuilder().log()).upQueries).toEqual([]);
    await holdsNotes(source);
    await hasEveryColumn(source);
    const runner = source.createQueryRunner();
    await runner.query(`SELECT set_config('search_path', '', false)`);
    const { tables } = await readAuthSchema((sql) => runner.query(sql));
    await runner.query('RESET search_path');
    await runner.release();
    expect(tables).toEqual({
      ...sorted(contract).tables,
      ...Object.fromEntries(ownTables.map((table) => [table, expect.anything()])),
    });
  } finally {
    await source.destroy();
  }
}

async function hasEveryColumn(source: DataSource): Promise<void> {
  for (const { columns, tablePath } of source.entityMetadatas) {
    const names = columns.map(({ databaseName }) => `"${databaseName}"`).join(', ');
    await source.query(`SELECT ${names} FROM ${tablePath} LIMIT 0`);
  }
}

async function holdsNotes(source: DataSource): Promise<void> {
  const { persistence } = await openDatabase(source, 'run');
  const unit = persistence.begin();
  const id = randomUUID();
  await unit.users.insert({
    id,
    audience: 'authenticated',
    role: 'authenticated',
    email: `${id}@example.com`,
    phone: null,
    passwordHash: '$argon2id$',
    appMetadata: {},
    userMetadata: {},
    isAnonymous: false,
    at: new Date(),
  });
  await unit.commit();
  const notes = source.getRepository(Note);
  await notes.save({ id: randomUUID(), body: 'mine', author: { id } });
  const [note] = await notes.find({ relations: { author: true } });
  expect(note).toMatchObject({ body: 'mine', author: { id, email: `${id}@example.com` } });
  expect(JSON.stringify(note)).not.toContain('argon2');
  const stranger = { id: randomUUID(), body: "nobody's", author: { id: randomUUID() } };
  await expect(notes.save(stranger)).rejects.toMatchObject({ code: '23503' });
}

describe('an application that synchronizes', () => {
  it('keeps its notes beside our users and leaves schema auth alone, on PGlite', () =>
    synchronizing(embeddedDataSourceOptions({ directory: ':memory:' })));
});

onPostgres('an application that synchronizes its own database', () => {
  it('keeps its notes beside our users and leaves schema auth alone, on PostgreSQL', async () => {
    const { url, drop } = await createPostgresDatabase();
    try {
      await runMigrations({ type: 'postgres', url }, 'run');
      await synchronizing({ type: 'postgres', url });
    } finally {
      await drop();
    }
  });
});
