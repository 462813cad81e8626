import { createHash } from 'node:crypto';
import type { User } from '../core/records.js';
import type { Statement } from './unit-transaction.js';

/** What refers to a user without the database knowing, flows under way, goes here; all else with the row. */
export const deletion: Statement = {
  name: 'guardian-user-delete',
  text: `WITH flows AS (DELETE FROM auth.flow_state WHERE user_id = $1)
    DELETE FROM auth.users WHERE id = $1 RETURNING id`,
};

const tables = [
  'mfa_factors',
  'webauthn_credentials',
  'sessions',
  'one_time_tokens',
  'flow_state',
  'guardian_one_time_secrets',
  'guardian_recovery_codes',
];

const concealing: Statement = {
  name: 'guardian-user-soft-delete',
  text: `WITH ${tables.map((table) => `${table} AS (DELETE FROM auth.${table} WHERE user_id = $1)`).join(', ')},
    idp_tokens AS (
      DELETE FROM auth.guardian_idp_tokens t USING auth.identities i WHERE i.id = t.identity_id AND i.user_id = $1
    ),
    identities AS (
      UPDATE auth.identities i SET provider_id = concealed.provider_id, identity_data = '{}', updated_at = $2
      FROM unnest($7::uuid[], $8::text[]) AS concealed (id, provider_id) WHERE i.id = concealed.id
    )
    UPDATE auth.users SET email = $3, phone = $4, email_change = $5, phone_change = $6, encrypted_password = NULL,
      confirmation_token = '', recovery_token = '', email_change_token_new = '', email_change_token_current = '',
      phone_change_token = '', reauthentication_token = '', raw_app_meta_data = '{}', raw_user_meta_data = '{}',
      deleted_at = $2, updated_at = $2
    WHERE id = $1`,
};

/** GoTrue: a number was cut to what its column once held. */
const phoneLength = 15;

/** GoTrue's hashes, also of what is not there. The address and the number are free for others from then on. */
export function softDeletion(user: User, at: Date): { statement: Statement; values: unknown[] } {
  const { id, email, phone, newEmail, newPhone, identities } = user;
  const conceal = (value: string | null): string =>
    createHash('sha256')
      .update(`${id}${value ?? ''}`)
      .digest('base64url');
  const concealPhone = (value: string | null): string => conceal(value).slice(0, phoneLength);
  const values = [
    id,
    at,
    conceal(email),
    concealPhone(phone),
    conceal(newEmail),
    concealPhone(newPhone),
    identities.map((identity) => identity.id),
    identities.map(({ provider, providerId }) => conceal(`${provider}:${providerId}`)),
  ];
  return { statement: concealing, values };
}
