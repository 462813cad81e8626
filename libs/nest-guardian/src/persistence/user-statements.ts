import { sessionObject } from './session-row.js';
import type { Statement } from './unit-transaction.js';
import { instanceId, userObject } from './user-row.js';

export const byId: Statement = {
  name: 'guardian-user-by-id',
  text: `SELECT ${userObject} AS user FROM auth.users u WHERE u.id = $1`,
};

const lookup = (column: string): string => `SELECT ${userObject} AS user FROM auth.users u
  WHERE u.instance_id = '${instanceId}' AND ${column} = $1 AND u.aud = $2
    AND u.is_sso_user = false AND u.deleted_at IS NULL LIMIT 1`;
export const byEmail: Statement = { name: 'guardian-user-by-email', text: lookup('lower(u.email)') };
export const byPhone: Statement = { name: 'guardian-user-by-phone', text: lookup('u.phone') };
export const byNewPhone: Statement = {
  name: 'guardian-user-by-new-phone',
  text: lookup('u.phone_change').replace('LIMIT', 'ORDER BY u.phone_change_sent_at DESC NULLS LAST LIMIT'),
};

export const withSession: Statement = {
  name: 'guardian-user-with-session',
  text: `SELECT ${userObject} AS user, CASE WHEN s.id IS NOT NULL THEN ${sessionObject} END AS session
    FROM auth.users u LEFT JOIN auth.sessions s ON s.id = $2 AND s.user_id = u.id WHERE u.id = $1`,
};

/** GoTrue: a token column without a token is empty, not null, and so is the hash of one without a password. */
export const insertion: Statement = {
  name: 'guardian-user-insert',
  text: `INSERT INTO auth.users AS u (instance_id, id, aud, role, email, phone, encrypted_password,
      raw_app_meta_data, raw_user_meta_data, is_anonymous, email_confirmed_at, phone_confirmed_at,
      created_at, updated_at, confirmation_token, recovery_token, email_change_token_new, email_change)
    VALUES ('${instanceId}', $1, $2, $3, $4, $5, coalesce($6, ''), $7, $8, $9, $10, $11, $12, $12, '', '', '', '')
    ON CONFLICT DO NOTHING RETURNING ${userObject} AS user`,
};

export const identityInsertion: Statement = {
  name: 'guardian-identity-insert',
  text: `INSERT INTO auth.identities (id, user_id, provider, provider_id, identity_data,
      last_sign_in_at, created_at, updated_at)
    VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $5, $5)
    ON CONFLICT (provider_id, provider) DO NOTHING
    RETURNING id, user_id, provider, provider_id, identity_data, email, last_sign_in_at, created_at, updated_at`,
};

export const identityMerge: Statement = {
  name: 'guardian-identity-merge',
  text: `UPDATE auth.identities SET identity_data = identity_data || $3::jsonb, updated_at = $4
    WHERE user_id = $1 AND provider = $2
    RETURNING id, user_id, provider, provider_id, identity_data, email, last_sign_in_at, created_at, updated_at`,
};

export const identityReplacement: Statement = {
  name: 'guardian-identity-replace',
  text: 'UPDATE auth.identities SET identity_data = $3, updated_at = $4 WHERE id = $1 AND user_id = $2',
};

/** Race: there is no row to hold of an identity that nobody has yet, so its name is held. */
export const identityLock: Statement = {
  name: 'guardian-identity-lock',
  text: `SELECT pg_advisory_xact_lock(hashtextextended('guardian:identity:' || $1 || ':' || $2, 0))`,
};
export const userOfIdentity: Statement = {
  name: 'guardian-identity-user',
  text: 'SELECT user_id FROM auth.identities WHERE provider = $1 AND provider_id = $2',
};

export const allByEmail: Statement = {
  name: 'guardian-users-all-by-email',
  text: `SELECT ${userObject} AS user FROM auth.users u
    WHERE u.id IN (
        SELECT id FROM auth.users WHERE instance_id = '${instanceId}' AND lower(email) = $1
        UNION
        SELECT i.user_id FROM auth.identities i JOIN auth.users o ON o.id = i.user_id
        WHERE i.email = $1 AND i.provider NOT LIKE 'sso:%' AND i.identity_data -> 'email_verified' = 'true'
          AND o.email_confirmed_at IS NOT NULL
      ) AND u.is_sso_user = false AND u.deleted_at IS NULL
    ORDER BY u.created_at, u.id`,
};

export const identityDeletion: Statement = {
  name: 'guardian-identity-delete',
  text: 'DELETE FROM auth.identities WHERE id = $1 AND user_id = $2',
};

export const identitiesVerified: Statement = {
  name: 'guardian-identities-verified',
  text: `UPDATE auth.identities SET identity_data = identity_data || '{"email_verified": true}', updated_at = $3
    WHERE user_id = $1 AND email = $2`,
};

export const unprovedCleared: Statement = {
  name: 'guardian-user-clear-unproved',
  text: `WITH factors AS (DELETE FROM auth.mfa_factors WHERE user_id = $1),
      passkeys AS (DELETE FROM auth.webauthn_credentials WHERE user_id = $1),
      consents AS (DELETE FROM auth.oauth_consents WHERE user_id = $1),
      identities AS (DELETE FROM auth.identities WHERE user_id = $1 AND id IS DISTINCT FROM $4::uuid)
    UPDATE auth.users SET encrypted_password = '', phone = NULL, phone_confirmed_at = NULL, phone_change = '',
      email_change = '', email_change_confirm_status = 0, raw_user_meta_data = $2, updated_at = $3 WHERE id = $1`,
};

/**
 * Race: held alone, and so that whoever is about to add something that belongs to the user, such as an identity, has
 * finished or waits; a statement that waited itself would not see what was added meanwhile.
 */
export const lock: Statement = {
  name: 'guardian-user-lock',
  text: 'SELECT u.id FROM auth.users u WHERE u.id = $1 FOR UPDATE',
};

export const rehash: Statement = {
  name: 'guardian-user-rehash',
  text: 'UPDATE auth.users SET encrypted_password = $3 WHERE id = $1 AND encrypted_password = $2 RETURNING id',
};
