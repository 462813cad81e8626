/** The user as the wire has it, made by PostgreSQL, so that nothing is left to map. */
const user = (hanging) => `json_build_object(
  'id', u.id, 'aud', u.aud, 'role', u.role, 'email', coalesce(u.email, ''), 'phone', coalesce(u.phone, ''),
  'email_confirmed_at', u.email_confirmed_at, 'confirmed_at', u.confirmed_at, 'last_sign_in_at', u.last_sign_in_at,
  'app_metadata', u.raw_app_meta_data, 'user_metadata', u.raw_user_meta_data, 'identities', ${hanging},
  'created_at', u.created_at, 'updated_at', u.updated_at, 'is_anonymous', u.is_anonymous) AS user`;

const identities = `(SELECT coalesce(json_agg(json_build_object('identity_id', i.id, 'id', i.provider_id, 'user_id',
  i.user_id, 'identity_data', i.identity_data, 'provider', i.provider, 'email', i.email, 'last_sign_in_at',
  i.last_sign_in_at, 'created_at', i.created_at, 'updated_at', i.updated_at)), '[]')
  FROM auth.identities i WHERE i.user_id = u.id)`;

const audit = (
  action,
  from,
) => `INSERT INTO auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
  SELECT '00000000-0000-0000-0000-000000000000', gen_random_uuid(), json_build_object('action', '${action}',
    'actor_id', u.id, 'actor_username', u.email), now(), '' FROM ${from} u`;

const session = (method, from) => `session AS (
    INSERT INTO auth.sessions (id, user_id, created_at, updated_at, aal, refresh_token_hmac_key, refresh_token_counter)
    SELECT $2, u.id, now(), now(), 'aal1', $3, 0 FROM ${from} u RETURNING id
  ), amr AS (
    INSERT INTO auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
    SELECT gen_random_uuid(), id, now(), now(), '${method}' FROM session
  )`;

export const readUser = {
  name: 'read-user',
  text: `SELECT ${user(identities)} FROM auth.users u JOIN auth.sessions s ON s.user_id = u.id
    WHERE u.id = $1 AND s.id = $2`,
};

export const updateUser = {
  name: 'update-user',
  text: `WITH u AS (
    UPDATE auth.users SET raw_user_meta_data = raw_user_meta_data || $3::jsonb, updated_at = now()
    WHERE id = $1 AND EXISTS (SELECT FROM auth.sessions s WHERE s.id = $2 AND s.user_id = $1) RETURNING *
  ), audit AS (${audit('user_modified', 'u')}) SELECT ${user(identities)} FROM u`,
};

export const refresh = {
  name: 'refresh',
  text: `WITH s AS (
    UPDATE auth.sessions SET refresh_token_counter = refresh_token_counter + 1, refreshed_at = now(), updated_at = now()
    WHERE id = $1 AND refresh_token_counter = $2 RETURNING *
  ), audit AS (${audit('token_refreshed', '(SELECT u.* FROM s JOIN auth.users u ON u.id = s.user_id)')})
  SELECT ${user(identities)}, s.refresh_token_hmac_key AS key FROM s JOIN auth.users u ON u.id = s.user_id`,
};

export const anonymousSignUp = {
  name: 'anonymous-sign-up',
  text: `WITH u AS (
    INSERT INTO auth.users (instance_id, id, aud, role, encrypted_password, raw_app_meta_data, raw_user_meta_data,
      is_anonymous, created_at, updated_at, last_sign_in_at, confirmation_token, recovery_token,
      email_change_token_new, email_change)
    VALUES ('00000000-0000-0000-0000-000000000000', $1, 'authenticated', 'authenticated', '', '{}', '{}',
      true, now(), now(), now(), '', '', '', '') RETURNING *
  ), ${session('anonymous', 'u')} SELECT ${user("'[]'::json")} FROM u`,
};

export const readUserByEmail = {
  name: 'read-user-by-email',
  text: `SELECT ${user(identities)}, u.encrypted_password AS hash FROM auth.users u
    WHERE lower(u.email) = $1 AND u.aud = 'authenticated' AND u.is_sso_user = false`,
};

export const signIn = {
  name: 'sign-in',
  text: `WITH u AS (
    UPDATE auth.users SET last_sign_in_at = now(), updated_at = now() WHERE id = $1 RETURNING *
  ), ${session('password', 'u')}, audit AS (${audit('login', 'u')}) SELECT 1 FROM u`,
};
