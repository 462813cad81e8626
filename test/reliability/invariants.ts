import { expect } from '@jest/globals';
import type { DataSource } from 'typeorm';

/** What is true of the tables at every moment, as a query for that which breaks it. */
const broken: Readonly<Record<string, string>> = {
  'a person has an identity': `SELECT u.id FROM auth.users u WHERE NOT u.is_anonymous
    AND NOT EXISTS (SELECT FROM auth.identities i WHERE i.user_id = u.id)`,
  'an identity has a person': `SELECT i.id FROM auth.identities i
    WHERE NOT EXISTS (SELECT FROM auth.users u WHERE u.id = i.user_id)`,
  'an address is one person’s': `SELECT lower(email) FROM auth.users WHERE email IS NOT NULL
    GROUP BY lower(email) HAVING count(*) > 1`,
  'a session says how it was proved': `SELECT s.id FROM auth.sessions s
    WHERE NOT EXISTS (SELECT FROM auth.mfa_amr_claims a WHERE a.session_id = s.id)`,
  'a session has a person': `SELECT s.id FROM auth.sessions s
    WHERE NOT EXISTS (SELECT FROM auth.users u WHERE u.id = s.user_id)`,
  'a session has a key and a counter': `SELECT id FROM auth.sessions
    WHERE (refresh_token_hmac_key IS NULL) <> (refresh_token_counter IS NULL)`,
  'a counter above nothing was refreshed': `SELECT id FROM auth.sessions
    WHERE refresh_token_counter IS NOT NULL AND (refresh_token_counter > 0) <> (refreshed_at IS NOT NULL)`,
  'a family has one newest token': `SELECT session_id FROM auth.refresh_tokens WHERE NOT revoked
    GROUP BY session_id HAVING count(*) > 1`,
  'a link in GoTrue’s form stands in both its places': `SELECT t.id FROM auth.one_time_tokens t
    JOIN auth.users u ON u.id = t.user_id WHERE to_jsonb(u) ->> t.token_type::text IS DISTINCT FROM t.token_hash`,
  'a sign-up is in the audit log once': `SELECT u.id FROM auth.users u WHERE NOT u.is_anonymous AND 1 <> (
      SELECT count(*) FROM auth.audit_log_entries a
      WHERE a.payload ->> 'actor_id' = u.id::text AND a.payload ->> 'action' = 'user_signedup')`,
  // A spent token that is shown again is in the log, too, and turns no counter.
  'every turn of a counter is in the audit log': `SELECT u.id FROM auth.users u
    WHERE (SELECT coalesce(sum(s.refresh_token_counter), 0) FROM auth.sessions s WHERE s.user_id = u.id)
      > (SELECT count(*) FROM auth.audit_log_entries a
        WHERE a.payload ->> 'actor_id' = u.id::text AND a.payload ->> 'action' = 'token_refreshed')`,
};

/** Holds the tables to what is true of them at every moment, whatever broke off in the middle. */
export async function expectWholeRows(database: Pick<DataSource, 'query'>): Promise<void> {
  const found = await Promise.all(
    Object.entries(broken).map(async ([law, sql]) => [law, await database.query(sql)] as const),
  );
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(found.map(([law]) => [law, []])));
}
