import { sessionObject } from './session-row.js';
import type { Statement } from './unit-transaction.js';
import { instanceId, userObject } from './user-row.js';

const tokenColumns = 'instance_id, token, user_id, parent, session_id, revoked, created_at, updated_at';

export const opening: Statement = {
  name: 'guardian-session-open',
  text: `WITH u AS (
      UPDATE auth.users SET last_sign_in_at = $3, updated_at = $3
      WHERE id = $2 AND ($9::text IS NULL OR encrypted_password = $9) RETURNING *
    ), s AS (
      INSERT INTO auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip,
        refresh_token_hmac_key, refresh_token_counter)
      SELECT $1, u.id, $3, $3, 'aal1', $4, $5, $6::text, CASE WHEN $6::text IS NOT NULL THEN 0 END FROM u
      RETURNING *
    ), amr AS (
      INSERT INTO auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
      SELECT gen_random_uuid(), s.id, s.created_at, s.created_at, $7 FROM s
    ), token AS (
      INSERT INTO auth.refresh_tokens (${tokenColumns})
      SELECT '${instanceId}', $8::text, s.user_id::text, NULL, s.id, false, s.created_at, s.created_at
      FROM s WHERE $8::text IS NOT NULL
    )
    SELECT ${userObject} AS user, ${sessionObject} AS session FROM s JOIN u ON u.id = s.user_id`,
};

export const withUser: Statement = {
  name: 'guardian-session-with-user',
  text: `SELECT ${userObject} AS user, ${sessionObject} AS session
    FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id WHERE s.id = $1`,
};
export const lockedWithUser: Statement = {
  name: 'guardian-session-with-user-locked',
  text: `${withUser.text} FOR UPDATE OF s`,
};
export const allOfUser: Statement = {
  name: 'guardian-sessions-of-user',
  text: `SELECT ${sessionObject} AS session FROM auth.sessions s WHERE s.user_id = $1`,
};

/**
 * Race: of two with the same counter the second waits for the first, then finds the counter moved on.
 * $6 is the id of the audit row, if it is known, and $7 whether there is to be one.
 * The last SELECT sees the table as it was before, and so knows when the session was refreshed before.
 */
export const rotation: Statement = {
  name: 'guardian-session-rotate',
  text: `WITH s AS (
      UPDATE auth.sessions SET refresh_token_counter = refresh_token_counter + 1,
        refreshed_at = $3::timestamptz AT TIME ZONE 'UTC', updated_at = $3, user_agent = $4, ip = $5
      WHERE id = $1 AND refresh_token_counter = $2 RETURNING *
    ), audit AS (
      INSERT INTO auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
      SELECT '${instanceId}', coalesce($6::uuid, gen_random_uuid()), (jsonb_build_object('action', 'token_refreshed',
          'actor_id', u.id, 'actor_via_sso', u.is_sso_user, 'log_type', 'token',
          'actor_username', coalesce(nullif(u.phone, ''), u.email, ''))
        || CASE WHEN u.raw_user_meta_data ? 'full_name'
          THEN jsonb_build_object('actor_name', u.raw_user_meta_data -> 'full_name') ELSE '{}' END)::json, $3, ''
      FROM s JOIN auth.users u ON u.id = s.user_id WHERE $7
    )
    SELECT ${userObject} AS user, ${sessionObject} AS session,
      (SELECT o.refreshed_at AT TIME ZONE 'UTC' FROM auth.sessions o WHERE o.id = s.id) AS refreshed_before
    FROM s JOIN auth.users u ON u.id = s.user_id`,
};

/** Race: the lock comes first and alone, so that a token that was traded meanwhile is seen and revoked. */
export const lock: Statement = {
  name: 'guardian-session-lock',
  text: 'SELECT s.id FROM auth.sessions s WHERE s.id = $1 FOR UPDATE',
};
/**
 * GoTrue: the counter goes up by two, so that the token from before is not taken for one whose answer was lost. When
 * the session was refreshed, and when the tokens that are revoked here were spent, stays as it was: this is no
 * refresh, after which what came before could be shown for a while. $6 is a new key; with one, spent tokens go.
 */
export const raising: Statement = {
  name: 'guardian-session-raise',
  text: `WITH s AS (
      UPDATE auth.sessions SET aal = 'aal2', factor_id = $2, updated_at = $4,
        refresh_token_counter = CASE WHEN refresh_token_hmac_key IS NULL THEN refresh_token_counter
          ELSE refresh_token_counter + 2 END,
        refresh_token_hmac_key = CASE WHEN refresh_token_hmac_key IS NOT NULL
          THEN coalesce($6::text, refresh_token_hmac_key) END
      WHERE id = $1 RETURNING *
    ), amr AS (
      INSERT INTO auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
      SELECT gen_random_uuid(), s.id, $4, $4, $3 FROM s
      ON CONFLICT (session_id, authentication_method) DO UPDATE SET updated_at = excluded.updated_at
    ), newest AS (
      SELECT t.token FROM auth.refresh_tokens t
      WHERE t.session_id = $1 AND t.revoked IS NOT TRUE ORDER BY t.id DESC LIMIT 1
    ), spent AS (
      UPDATE auth.refresh_tokens t SET revoked = true FROM s
      WHERE t.session_id = s.id AND s.refresh_token_hmac_key IS NULL AND t.revoked IS NOT TRUE AND $6::text IS NULL
    ), gone AS (
      DELETE FROM auth.refresh_tokens t USING s WHERE t.session_id = s.id AND $6::text IS NOT NULL
    ), token AS (
      INSERT INTO auth.refresh_tokens (${tokenColumns})
      SELECT '${instanceId}', $5::text, s.user_id::text, (SELECT newest.token FROM newest), s.id, false, $4, $4
      FROM s WHERE $5::text IS NOT NULL AND s.refresh_token_hmac_key IS NULL
    )
    SELECT ${userObject} AS user, ${sessionObject} AS session FROM s JOIN auth.users u ON u.id = s.user_id`,
};
/** The user is asked for since there is no index over factors. */
export const lowering: Statement = {
  name: 'guardian-session-lower',
  text: `WITH s AS (
      UPDATE auth.sessions SET aal = 'aal1', factor_id = NULL WHERE user_id = $1 AND factor_id = $2 RETURNING id
    )
    DELETE FROM auth.mfa_amr_claims a USING s WHERE a.session_id = s.id AND a.authentication_method = $3`,
};

export const resealing: Statement = {
  name: 'guardian-session-reseal',
  text: 'UPDATE auth.sessions SET refresh_token_hmac_key = $2 WHERE id = $1',
};

/** Race: the lock comes first and alone, since a statement that waited for it would still read what was before. */
export const lockOfToken: Statement = {
  name: 'guardian-session-lock-by-token',
  text: `SELECT s.id FROM auth.sessions s
    WHERE s.id = (SELECT t.session_id FROM auth.refresh_tokens t WHERE t.token = $1) FOR UPDATE`,
};
export const ofToken: Statement = {
  name: 'guardian-session-by-token',
  text: `SELECT ${userObject} AS user, ${sessionObject} AS session, t.revoked IS TRUE AS is_revoked,
      t.updated_at AS token_updated_at,
      (SELECT jsonb_build_object('token', n.token, 'isChild', n.parent IS NOT DISTINCT FROM t.token)
        FROM auth.refresh_tokens n WHERE n.session_id = s.id AND n.revoked IS NOT TRUE ORDER BY n.id DESC LIMIT 1) AS newest
    FROM auth.refresh_tokens t JOIN auth.sessions s ON s.id = t.session_id JOIN auth.users u ON u.id = s.user_id
    WHERE t.token = $1`,
};

/** $6 is the child, $7 the key; one of them is null. */
export const exchanging: Statement = {
  name: 'guardian-session-exchange',
  text: `WITH spent AS (
      UPDATE auth.refresh_tokens SET revoked = true, updated_at = $3
      WHERE session_id = $1 AND (token = $2 OR $7::text IS NOT NULL AND revoked IS NOT TRUE)
    ), s AS (
      UPDATE auth.sessions SET refreshed_at = $3::timestamptz AT TIME ZONE 'UTC', updated_at = $3,
        user_agent = $4, ip = $5, refresh_token_hmac_key = coalesce($7::text, refresh_token_hmac_key),
        refresh_token_counter = CASE WHEN $7::text IS NULL THEN refresh_token_counter ELSE 0 END
      WHERE id = $1 RETURNING *
    ), child AS (
      INSERT INTO auth.refresh_tokens (${tokenColumns})
      SELECT '${instanceId}', $6::text, s.user_id::text, $2, s.id, false, $3, $3
      FROM s WHERE $6::text IS NOT NULL
    )
    SELECT ${sessionObject} AS session FROM s`,
};
export const revocation: Statement = {
  name: 'guardian-session-revoke-tokens',
  text: `UPDATE auth.refresh_tokens SET revoked = true, updated_at = $2
    WHERE session_id = $1 AND revoked IS NOT TRUE`,
};

export const ending: Statement = {
  name: 'guardian-session-end',
  text: 'DELETE FROM auth.sessions WHERE id = $1 RETURNING id',
};
/** The day is what `sweep` leaves; by it the newest are found without reading the others. */
export const endingAll: Statement = {
  name: 'guardian-session-end-all',
  text: `WITH ways AS (
      DELETE FROM auth.flow_state WHERE created_at > now() - interval '1 day'
        AND (linking_target_id = $1 OR (user_id = $1 AND authentication_method = 'oauth'))
    )
    DELETE FROM auth.sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2::uuid RETURNING id`,
};
