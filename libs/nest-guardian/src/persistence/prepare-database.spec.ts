import { describe, expect, it } from '@jest/globals';
import { Column, DataSource, Entity, ForeignKey, PrimaryGeneratedColumn } from 'typeorm';
import { createPostgresDatabase, onPostgres } from '../../../../test/support/test-databases.js';
import { authEntities } from './auth-entities.js';
import { UserEntity } from './entities/user.entity.js';
import { type DatabasePlace, prepareDatabase } from './prepare-database.js';

@Entity('notes')
class Note {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @ForeignKey(() => UserEntity, { onDelete: 'CASCADE' })
  @Column({ type: 'uuid' })
  personId!: string;
}

@Entity('plain_notes')
class PlainNote {
  @PrimaryGeneratedColumn('uuid')
  id!: string;
}

async function withSource(
  place: DatabasePlace,
  entities: (abstract new () => unknown)[],
  use: (source: DataSource) => Promise<void>,
): Promise<void> {
  const source = new DataSource({ ...(await prepareDatabase(place)), entities, synchronize: true });
  await source.initialize();
  try {
    await use(source);
  } finally {
    await source.destroy();
  }
}

function laws(onPlace: (use: (place: DatabasePlace) => Promise<void>) => Promise<void>): void {
  it('lets the application’s own tables refer to auth.users at the first start', () =>
    onPlace((place) =>
      withSource(place, [...authEntities, Note], async (source) => {
        const id = 'b1f7a1de-6d5c-4c43-9d4b-2f4bb0a7c001';
        await source.query('INSERT INTO auth.users (id) VALUES ($1)', [id]);
        await source.manager.insert(Note, { personId: id });
        await source.query('DELETE FROM auth.users');
        expect(await source.manager.count(Note)).toBe(0);
        await expect(source.manager.insert(Note, { personId: id })).rejects.toThrow('foreign key');
      }),
    ));

  it('makes no table of its own when migrations are off', () =>
    onPlace((place) =>
      withSource({ ...place, migrations: 'off' }, [PlainNote], async (source) => {
        await source.manager.insert(PlainNote, {});
        expect(await source.query(`SELECT to_regnamespace('auth') AS auth`)).toEqual([{ auth: null }]);
      }),
    ));
}

describe('a prepared embedded database', () => {
  laws((use) => use({ directory: ':memory:' }));
});

onPostgres('a prepared PostgreSQL', () => {
  laws(async (use) => {
    const { url, drop } = await createPostgresDatabase();
    await use({ url }).finally(drop);
  });
});

describe('preparing a database', () => {
  it.each(['mysql://localhost/notes', 'localhost:5432', ''])(
    'refuses %j, which is no such URL',
    async (url) => {
      await expect(prepareDatabase({ url })).rejects.toThrow(TypeError);
    },
  );

  it('does not repeat the URL, whose password is a secret, when it refuses', async () => {
    await expect(prepareDatabase({ url: 'mysql://ann:secret@localhost/notes' })).rejects.not.toThrow(
      /secret/,
    );
  });
});
