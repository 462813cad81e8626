import type { Statement } from './unit-transaction.js';

const columns = `f.id, f.user_id, f.friendly_name, f.factor_type, f.status, f.phone, f.last_challenged_at,
      f.created_at, f.updated_at`;

/**
 * Race: whoever changes what a person has as second factors holds the person first, so that no two of them wait for
 * each other. Where more than rows that are there already is judged, this comes alone, since a statement that waited
 * for it would still read what was before.
 */
export const holding: Statement = {
  name: 'guardian-factor-hold-user',
  text: 'SELECT u.id FROM auth.users u WHERE u.id = $1 FOR NO KEY UPDATE',
};
const held = 'held AS (SELECT u.id FROM auth.users u WHERE u.id = $1 FOR NO KEY UPDATE)';

/** GoTrue: its index lets any number of factors without a name be, its server does not. */
export const insertion: Statement = {
  name: 'guardian-factor-insert',
  text: `INSERT INTO auth.mfa_factors AS f (id, user_id, friendly_name, factor_type, status, secret, created_at, updated_at)
    SELECT $1, $2, $3, $4, 'unverified', $5, $6, $6
    WHERE NOT EXISTS (SELECT FROM auth.mfa_factors o WHERE o.user_id = $2 AND coalesce(o.friendly_name, '') = $3::text)
    ON CONFLICT DO NOTHING RETURNING ${columns}`,
};
export const byId: Statement = {
  name: 'guardian-factor-by-id',
  text: `SELECT ${columns}, f.secret FROM auth.mfa_factors f WHERE f.user_id = $1 AND f.id = $2`,
};

/** Race: one that is being challenged at this moment is left to whoever challenges it. */
export const purging: Statement = {
  name: 'guardian-factor-purge',
  text: `DELETE FROM auth.mfa_factors WHERE id = ANY(ARRAY(
      SELECT f.id FROM auth.mfa_factors f
      WHERE f.status = 'unverified' AND f.created_at < $1 AND f.last_challenged_at IS NULL
        AND NOT EXISTS (SELECT FROM auth.mfa_challenges c WHERE c.factor_id = f.id)
      FOR UPDATE SKIP LOCKED))`,
};

/** $4 and $5 are null where they stay. */
export const change: Statement = {
  name: 'guardian-factor-update',
  text: `WITH ${held}
    UPDATE auth.mfa_factors f SET friendly_name = coalesce($4::text, f.friendly_name),
      phone = coalesce($5::text, f.phone), updated_at = $3
    FROM held WHERE f.user_id = held.id AND f.id = $2 RETURNING ${columns}`,
};
export const confirmation: Statement = {
  name: 'guardian-factor-confirm',
  text: `WITH ${held}, f AS (
      UPDATE auth.mfa_factors f SET status = 'verified', updated_at = $3
      FROM held WHERE f.user_id = held.id AND f.id = $2 RETURNING f.*
    )
    DELETE FROM auth.mfa_factors o USING f
    WHERE o.user_id = f.user_id AND o.id <> f.id AND o.factor_type = f.factor_type AND o.status = 'unverified'`,
};
export const removal: Statement = {
  name: 'guardian-factor-delete',
  text: `WITH ${held}
    DELETE FROM auth.mfa_factors f USING held WHERE f.user_id = held.id AND f.id = $2 RETURNING ${columns}`,
};
export const resealing: Statement = {
  name: 'guardian-factor-reseal',
  text: 'UPDATE auth.mfa_factors SET secret = $2 WHERE id = $1',
};

/**
 * GoTrue: without a code sent by text the column is empty, and an address there must be. Race: one that is deleted at
 * this moment is waited for, and not found then; of two challenges at once the second waits, since both note themselves.
 */
export const challenging: Statement = {
  name: 'guardian-factor-challenge',
  text: `INSERT INTO auth.mfa_challenges (id, factor_id, created_at, ip_address, otp_code)
    SELECT $1, f.id, $3, coalesce($4::inet, '0.0.0.0'), '' FROM auth.mfa_factors f WHERE f.id = $2 FOR UPDATE
    RETURNING id`,
};
/** GoTrue: no two factors may be challenged in the same microsecond, and our clock knows milliseconds only. */
export const noting: Statement = {
  name: 'guardian-factor-note-challenge',
  text: `UPDATE auth.mfa_factors SET updated_at = $2,
      last_challenged_at = $2::timestamptz + floor(random() * 1000) * interval '1 microsecond'
    WHERE id = $1`,
};
export const challengeById: Statement = {
  name: 'guardian-challenge-by-id',
  text: `SELECT id, factor_id, created_at, verified_at, host(ip_address) AS ip FROM auth.mfa_challenges
    WHERE factor_id = $1 AND id = $2`,
};
/** Race: the factor is held too, so that nobody sweeps it away meanwhile. */
export const using: Statement = {
  name: 'guardian-challenge-use',
  text: `WITH held AS (
      SELECT c.id FROM auth.mfa_challenges c JOIN auth.mfa_factors f ON f.id = c.factor_id
        JOIN auth.users u ON u.id = f.user_id
      WHERE c.id = $1 FOR NO KEY UPDATE OF u FOR KEY SHARE OF f
    )
    UPDATE auth.mfa_challenges c SET verified_at = $2 FROM held
    WHERE c.id = held.id AND c.verified_at IS NULL RETURNING c.id`,
};
/** Race: the factor is held, too, since one that was given up while this waited for the person takes no step. */
export const accepting: Statement = {
  name: 'guardian-factor-accept-step',
  text: `WITH f AS (
      SELECT f.id, f.secret FROM auth.mfa_factors f JOIN auth.users u ON u.id = f.user_id
      WHERE f.id = $1 FOR NO KEY UPDATE OF u FOR KEY SHARE OF f
    )
    INSERT INTO auth.guardian_factor_steps AS s (factor_id, last_step) SELECT f.id, $2 FROM f
    ON CONFLICT (factor_id) DO UPDATE SET last_step = excluded.last_step WHERE s.last_step < excluded.last_step
    RETURNING (SELECT f.secret FROM f) AS secret`,
};

export const forgettingCodes: Statement = {
  name: 'guardian-recovery-codes-forget',
  text: 'DELETE FROM auth.guardian_recovery_codes WHERE user_id = $1',
};
export const writingCodes: Statement = {
  name: 'guardian-recovery-codes-write',
  text: `INSERT INTO auth.guardian_recovery_codes (user_id, code_hash, created_at)
    SELECT u.id, hash, $3 FROM auth.users u, unnest($2::text[]) AS hash WHERE u.id = $1 ON CONFLICT DO NOTHING`,
};
export const countingCodes: Statement = {
  name: 'guardian-recovery-codes-count',
  text: 'SELECT count(*)::int AS count FROM auth.guardian_recovery_codes WHERE user_id = $1',
};
export const takingCode: Statement = {
  name: 'guardian-recovery-code-take',
  text: `WITH ${held}
    DELETE FROM auth.guardian_recovery_codes c USING held WHERE c.user_id = held.id AND c.code_hash = $2
    RETURNING c.user_id`,
};
