import type { SecretSlot } from '../core/ports/one-time-secrets.js';
import type { Statement } from './unit-transaction.js';

interface SlotColumns {
  /** Of `auth.users`; also the name of the slot among `auth.one_time_token_type`. */
  readonly token: string;
  readonly sentAt: string;
}

/** GoTrue: where a slot stands in its tables. */
const columnsOf: Readonly<Record<SecretSlot, SlotColumns>> = {
  confirmation: { token: 'confirmation_token', sentAt: 'confirmation_sent_at' },
  recovery: { token: 'recovery_token', sentAt: 'recovery_sent_at' },
  email_change_new: { token: 'email_change_token_new', sentAt: 'email_change_sent_at' },
  email_change_current: { token: 'email_change_token_current', sentAt: 'email_change_sent_at' },
  phone_change: { token: 'phone_change_token', sentAt: 'phone_change_sent_at' },
  reauthentication: { token: 'reauthentication_token', sentAt: 'reauthentication_sent_at' },
};

const slots = Object.keys(columnsOf) as SecretSlot[];
const columns = Object.values(columnsOf);

export const tokenTypeOf = (slot: SecretSlot): string => columnsOf[slot].token;
export const slotOfTokenType = (type: string): SecretSlot =>
  slots.find((slot) => tokenTypeOf(slot) === type) as SecretSlot;

const bySlot = (make: (slot: SecretSlot) => Statement): Readonly<Record<SecretSlot, Statement>> =>
  Object.fromEntries(slots.map((slot) => [slot, make(slot)])) as Record<SecretSlot, Statement>;

/** Of user $1 at $2, unless something was sent after $3. Race: of two at once, the second sees the first's time. */
const sending = ({ sentAt }: SlotColumns, also = ''): string => `u AS (
      UPDATE auth.users SET ${sentAt} = $2, updated_at = $2${also}
      WHERE id = $1 AND ($3::timestamptz IS NULL OR ${sentAt} IS NULL OR ${sentAt} <= $3)
      RETURNING id
    )`;

/** Race: whoever writes or takes a secret holds its user first, so that no two of them wait for each other. */
const holding = 'FOR NO KEY UPDATE OF u';

export const putting = bySlot((slot) => ({
  name: `guardian-secret-put-${slot}`,
  text: `WITH ${sending(columnsOf[slot])}
    INSERT INTO auth.guardian_one_time_secrets AS s (user_id, slot, kind, address, link_hash, code_hash, created_at,
      is_contested)
    SELECT u.id, '${slot}', $4, lower($5), $6, $7, $2, $8 FROM u
    ON CONFLICT (user_id, slot) DO UPDATE SET kind = excluded.kind, address = excluded.address,
      link_hash = excluded.link_hash, code_hash = excluded.code_hash, attempts = 0, created_at = excluded.created_at,
      is_contested = s.is_contested OR excluded.is_contested
    RETURNING user_id`,
}));

export const takingByLink: Statement = {
  name: 'guardian-secret-take-by-link',
  text: `WITH held AS (
      SELECT u.id FROM auth.users u
      WHERE u.id IN (SELECT user_id FROM auth.guardian_one_time_secrets WHERE link_hash = ANY($1)) ${holding}
    )
    DELETE FROM auth.guardian_one_time_secrets s USING held
    WHERE s.user_id = held.id AND s.link_hash = ANY($1) AND s.slot = ANY($2) AND s.kind = ANY($3)
      AND s.created_at > $4
    RETURNING s.user_id, s.slot, s.address, s.is_contested`,
};

export const findingByLink: Statement = {
  name: 'guardian-secret-find-by-link',
  text: `SELECT s.user_id FROM auth.guardian_one_time_secrets s
    WHERE s.link_hash = ANY($1) AND s.slot = ANY($2) AND s.kind = ANY($3) AND s.created_at > $4`,
};

const ofAddress = `s.address = lower($1) AND s.slot = ANY($2) AND s.kind = ANY($3) AND s.created_at > $4
      AND s.attempts < $5`;

/** Race: the row is held from here on, so of many guesses each is counted before it is compared. */
export const counting: Statement = {
  name: 'guardian-secret-count',
  text: `WITH held AS (
      SELECT u.id FROM auth.users u
      WHERE u.id IN (SELECT s.user_id FROM auth.guardian_one_time_secrets s WHERE ${ofAddress})
      ORDER BY u.id ${holding}
    )
    UPDATE auth.guardian_one_time_secrets s SET attempts = s.attempts + 1 FROM held
    WHERE s.user_id = held.id AND ${ofAddress}
    RETURNING s.user_id, s.slot, s.code_hash, s.created_at`,
};
export const takingCounted: Statement = {
  name: 'guardian-secret-take-counted',
  text: `DELETE FROM auth.guardian_one_time_secrets WHERE user_id = $1 AND slot = $2
    RETURNING user_id, slot, address, is_contested`,
};

/** GoTrue: the hash stands twice, on the user and in a row of its own, which is new each time. */
export const puttingGotrue = bySlot((slot) => ({
  name: `guardian-gotrue-secret-put-${slot}`,
  text: `WITH ${sending(columnsOf[slot], `, ${columnsOf[slot].token} = $4`)}
    INSERT INTO auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
    SELECT gen_random_uuid(), u.id, '${columnsOf[slot].token}', $4::text, lower($5),
      $2::timestamptz AT TIME ZONE 'UTC', $2::timestamptz AT TIME ZONE 'UTC' FROM u
    ON CONFLICT (user_id, token_type) DO UPDATE SET id = excluded.id, token_hash = excluded.token_hash,
      relates_to = excluded.relates_to, created_at = excluded.created_at, updated_at = excluded.updated_at
    RETURNING user_id`,
}));

const gotrueSentAt = `CASE t.token_type ${columns.map(({ token, sentAt }) => `WHEN '${token}' THEN u.${sentAt}`).join(' ')} END`;

export const findingGotrue: Statement = {
  name: 'guardian-gotrue-secret-find',
  text: `SELECT t.user_id FROM auth.one_time_tokens t JOIN auth.users u ON u.id = t.user_id
    WHERE t.token_hash = ANY($1) AND t.token_type::text = ANY($2) AND ${gotrueSentAt} > $3`,
};

/**
 * GoTrue: age is measured from the user's column. The row alone says that there is a token. $4 is the address, or
 * null for a link; of several that fit, the newest is taken. Race: one that was replaced meanwhile has another id.
 */
export const takingGotrue: Statement = {
  name: 'guardian-gotrue-secret-take',
  text: `WITH found AS (
      SELECT t.id, t.user_id FROM auth.one_time_tokens t JOIN auth.users u ON u.id = t.user_id
      WHERE t.token_hash = ANY($1) AND t.token_type::text = ANY($2)
        AND ${gotrueSentAt} > $3
        AND ($4::text IS NULL OR lower(t.relates_to) = lower($4))
      ORDER BY t.created_at DESC LIMIT 1
    ), held AS (
      SELECT u.id FROM auth.users u WHERE u.id = (SELECT user_id FROM found) ${holding}
    ), taken AS (
      DELETE FROM auth.one_time_tokens t USING found, held WHERE t.id = found.id AND t.user_id = held.id
      RETURNING t.user_id, t.token_type, t.relates_to
    ), emptied AS (
      UPDATE auth.users u SET ${columns
        .map(({ token }) => `${token} = CASE taken.token_type WHEN '${token}' THEN '' ELSE u.${token} END`)
        .join(', ')}
      FROM taken WHERE u.id = taken.user_id
    )
    SELECT user_id, token_type, relates_to FROM taken`,
};

/**
 * In both forms: what was sent before the form was changed must not outlive a new password either. Race: the user
 * is held first and alone, since a statement that waited for it would not see what was sent meanwhile.
 */
export const emptying: Statement = {
  name: 'guardian-secrets-empty',
  text: `UPDATE auth.users SET ${columns.map(({ token }) => `${token} = ''`).join(', ')} WHERE id = $1`,
};
export const clearing: Statement = {
  name: 'guardian-secrets-clear',
  text: `WITH ours AS (DELETE FROM auth.guardian_one_time_secrets WHERE user_id = $1)
    DELETE FROM auth.one_time_tokens WHERE user_id = $1`,
};
