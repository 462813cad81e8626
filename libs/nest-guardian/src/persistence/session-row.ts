import { isIP } from 'node:net';
import type { AssuranceLevel } from '../core/principal.js';
import type { Session } from '../core/records.js';
import { toDate, toText } from './user-row.js';
import type { Row } from './unit-transaction.js';

/** A session under the alias `s` as one JSON value, so that it can stand beside a user's columns. */
export const sessionObject = `json_build_object(
    'id', s.id, 'user_id', s.user_id, 'created_at', s.created_at, 'updated_at', s.updated_at,
    'refreshed_at', s.refreshed_at AT TIME ZONE 'UTC', 'not_after', s.not_after, 'aal', s.aal,
    'factor_id', s.factor_id, 'user_agent', s.user_agent, 'ip', host(s.ip), 'tag', s.tag,
    'oauth_client_id', s.oauth_client_id,
    'refresh_token_hmac_key', s.refresh_token_hmac_key, 'refresh_token_counter', s.refresh_token_counter,
    'amr', (SELECT json_agg(json_build_object('method', a.authentication_method, 'at', a.updated_at)
        ORDER BY a.updated_at DESC, a.created_at DESC, a.id)
      FROM auth.mfa_amr_claims a WHERE a.session_id = s.id))`;

/** @param refreshTokenHmacKey the key of the row, decrypted, for those who may have it */
export const toSession = (row: Row, refreshTokenHmacKey: string | null = null): Session => ({
  id: row.id as string,
  userId: row.user_id as string,
  createdAt: toDate(row.created_at) ?? new Date(0),
  updatedAt: toDate(row.updated_at) ?? new Date(0),
  refreshedAt: toDate(row.refreshed_at),
  notAfter: toDate(row.not_after),
  aal: (toText(row.aal) ?? 'aal1') as AssuranceLevel,
  factorId: toText(row.factor_id),
  userAgent: toText(row.user_agent),
  ip: toText(row.ip),
  tag: toText(row.tag),
  oauthClientId: toText(row.oauth_client_id),
  refreshTokenHmacKey,
  refreshTokenCounter: toCounter(row.refresh_token_counter),
  amr: ((row.amr ?? []) as Row[]).map(({ method, at }) => ({
    method: method as string,
    at: toDate(at) as Date,
  })),
});

const toCounter = (value: unknown): number | null => (value === null ? null : Number(value));

/** An address that the column cannot hold is left out: it is a note, not a reason to refuse anybody. */
export function toInet(address: string | null): string | null {
  const withoutZone = address?.split('%')[0] ?? '';
  return isIP(withoutZone) ? withoutZone : null;
}
