import type { Statement } from './unit-transaction.js';

const columns = 'created_at, jti, profile, family_id, parent_id, session_id, subject, type, expires_at';
const values = `$1::timestamptz, $2::uuid, $3::text, $4::uuid, $5::uuid, $6::uuid, $7::text, $8::text, $9::timestamptz`;

/** Whether a session is there whose person may use it. */
const openSession = (session: string, at: string): string => `EXISTS (
  SELECT 1 FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
  WHERE s.id = ${session} AND (s.not_after IS NULL OR s.not_after > ${at}) AND u.deleted_at IS NULL
    AND (u.banned_until IS NULL OR u.banned_until <= ${at}))`;

export const insertion: Statement = {
  name: 'guardian-token-add',
  text: `INSERT INTO auth.guardian_tokens (${columns}) SELECT ${values}
    WHERE $6 IS NULL OR ${openSession('$6', '$1')} RETURNING 1`,
};

export const state: Statement = {
  name: 'guardian-token-state',
  text: `SELECT used_at, revoked_at, (session_id IS NULL OR ${openSession('t.session_id', '$3')}) AS has_session
    FROM auth.guardian_tokens t WHERE jti = $1 AND profile = $2`,
};

/** Any number, as long as no other program locks with it. */
const lockSeed = 1_790_000_004;
const lockOf = (profile: string, subject: string): string =>
  `SELECT pg_advisory_xact_lock(hashtextextended(${profile}::text || ' ' || ${subject}::text, ${lockSeed}))`;

/** Ends with the transaction. */
export const subjectLock: Statement = { name: 'guardian-token-lock', text: lockOf('$1', '$2') };

const isActive = 'used_at IS NULL AND revoked_at IS NULL';

/** The place of a statement's parameters that name the old token: its id, profile and subject. */
const turnOf = (place: number): string =>
  `WITH turn AS MATERIALIZED (${lockOf(`$${place + 1}`, `$${place + 2}`)})`;

const spendingOf = (place: number): string => `UPDATE auth.guardian_tokens t SET used_at = $1 FROM turn
    WHERE t.jti = $${place} AND t.profile = $${place + 1} AND ${isActive} RETURNING t.jti`;

const sharingOf = (place: number): string => `SELECT t.jti FROM turn, auth.guardian_tokens t
    WHERE t.jti = $${place} AND t.profile = $${place + 1} AND ${isActive} FOR SHARE OF t`;

/**
 * Race: of many who spend a token, one updates its row; the others wait for that and then find it used. Who makes a
 * token of another judges its row again when a revocation had it.
 */
export const spending: Statement = { name: 'guardian-token-spend', text: `${turnOf(2)} ${spendingOf(2)}` };

const derivationBy = (name: string, parent: (place: number) => string): Statement => ({
  name,
  text: `${turnOf(10)}, parent AS (${parent(10)})
    INSERT INTO auth.guardian_tokens (${columns}) SELECT ${values} FROM parent RETURNING 1`,
});

/** A new token, and the old one is spent. */
export const succession = derivationBy('guardian-token-succeed', spendingOf);

/** A new token beside the old one. */
export const offspring = derivationBy('guardian-token-derive', sharingOf);

export const revocation: Statement = {
  name: 'guardian-token-revoke',
  text: `WITH RECURSIVE line AS (
      SELECT jti, family_id FROM auth.guardian_tokens WHERE profile = $2 AND jti = $3
      UNION SELECT t.jti, t.family_id FROM line
        JOIN auth.guardian_tokens t ON t.family_id = line.family_id AND t.parent_id = line.jti)
    UPDATE auth.guardian_tokens t SET revoked_at = $1 FROM line WHERE t.jti = line.jti AND t.revoked_at IS NULL`,
};

export const familyRevocation: Statement = {
  name: 'guardian-token-revoke-family',
  text: `UPDATE auth.guardian_tokens SET revoked_at = $1
    WHERE profile = $2 AND family_id = $3 AND revoked_at IS NULL`,
};

/** What has just expired may still be let in, for as long as clocks may be apart. */
export const subjectRevocation: Statement = {
  name: 'guardian-token-revoke-all',
  text: `UPDATE auth.guardian_tokens SET revoked_at = $1
    WHERE profile = $2 AND subject = $3 AND ($4::text IS NULL OR type = $4)
      AND ($5::uuid IS NULL OR (jti <> $5 AND family_id <> $5)) AND ${isActive}
      AND expires_at > $1::timestamptz - interval '1 minute' RETURNING 1`,
};

export const oneTimeInsertion: Statement = {
  name: 'guardian-one-time-put',
  text: `INSERT INTO auth.guardian_one_time_tokens (token_hash, profile, purpose, subject, data, expires_at)
    VALUES ($1, $2, $3, $4, $5::jsonb, $6)`,
};

export const oneTimeTaking: Statement = {
  name: 'guardian-one-time-take',
  text: `DELETE FROM auth.guardian_one_time_tokens
    WHERE token_hash = $1 AND profile = $2 AND purpose = $3 AND expires_at > $4 RETURNING subject, data`,
};

export const oneTimeRemoval: Statement = {
  name: 'guardian-one-time-revoke-all',
  text: 'DELETE FROM auth.guardian_one_time_tokens WHERE profile = $1 AND subject = $2 RETURNING 1',
};
