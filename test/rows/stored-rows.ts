import { readFileSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import type { Row, Rows } from './mask-rows.js';

/** Recorded rows, by what they stand after. */
export interface RecordedRows {
  readonly after: string;
  readonly rows: Rows;
  /** Where the state could not be reached by what was done before. */
  readonly answer?: Readonly<Record<string, unknown>>;
}

/** What a recording of rows says, each of these texts replaced by what it is here. */
export function readRecordedRows(
  file: string,
  here: Readonly<Record<string, string>> = {},
): (after: string) => RecordedRows {
  const written = readFileSync(new URL(`../recordings/${file}`, import.meta.url), 'utf8');
  const text = Object.entries(here).reduce((told, [there, value]) => told.replaceAll(there, value), written);
  const recorded = JSON.parse(text) as readonly RecordedRows[];
  return (after) => {
    const found = recorded.find((one) => one.after === after);
    if (found === undefined) throw new Error(`No rows after "${after}" are recorded in ${file}`);
    return found;
  };
}

/** Whose row it is, in each table. */
const owner: Readonly<Record<string, string>> = {
  users: 'id::text = ANY ($1)',
  identities: 'user_id::text = ANY ($1)',
  sessions: 'user_id::text = ANY ($1)',
  refresh_tokens: 'user_id = ANY ($1)',
  mfa_amr_claims: 'session_id IN (SELECT id FROM auth.sessions WHERE user_id::text = ANY ($1))',
  mfa_factors: 'user_id::text = ANY ($1)',
  mfa_challenges: 'factor_id IN (SELECT id FROM auth.mfa_factors WHERE user_id::text = ANY ($1))',
  audit_log_entries: "ARRAY[payload ->> 'actor_id', payload -> 'traits' ->> 'user_id'] && $1",
  one_time_tokens: 'user_id::text = ANY ($1)',
  flow_state: 'ARRAY[id::text, user_id::text, linking_target_id::text] && $1',
};

/**
 * What stands in these tables about these, by their ids: people, and ways to an identity provider; each row as PostgreSQL's own
 * JSON, in the order of writing.
 */
export async function readRows(
  dataSource: DataSource,
  ids: readonly string[],
  tables: readonly string[],
): Promise<Rows> {
  const found: Record<string, readonly Row[]> = {};
  for (const table of tables) {
    // A row that is changed moves to the end; nothing changes here but refresh tokens, which count up.
    const order = table === 'refresh_tokens' ? 'id' : 'ctid';
    const sql = `SELECT to_jsonb(t) AS row FROM auth.${table} t WHERE ${owner[table]} ORDER BY ${order}`;
    const rows = (await dataSource.query(sql, [ids])) as { row: Row }[];
    found[table] = rows.map(({ row }) => row);
  }
  return found;
}
