import type { UserQuery } from '../core/ports/stores.js';
import type { Statement } from './unit-transaction.js';
import { instanceId, userObject } from './user-row.js';

type Place = (value: unknown) => string;

/** Whoever is deleted is nothing else. */
const standing: Readonly<Record<NonNullable<UserQuery['status']>, (place: Place, now: Date) => string>> = {
  confirmed: () => 'u.confirmed_at IS NOT NULL AND u.deleted_at IS NULL',
  unconfirmed: () => 'u.confirmed_at IS NULL AND NOT u.is_anonymous AND u.deleted_at IS NULL',
  banned: (place, now) => `u.banned_until > ${place(now)} AND u.deleted_at IS NULL`,
  anonymous: () => 'u.is_anonymous AND u.deleted_at IS NULL',
  deleted: () => 'u.deleted_at IS NOT NULL',
};

export interface Question {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

/**
 * The page, and how many there are on all pages. Without names: a page in the middle of very many deserves a plan
 * of its own.
 */
export function userList(query: UserQuery): { readonly page: Question; readonly count: Question } {
  const { where, values } = conditionsOf(query);
  const direction = query.newestFirst ? 'DESC' : 'ASC';
  const [limit, offset] = [`$${values.length + 1}`, `$${values.length + 2}`];
  // What hangs on a user is read for this page only, and not for those that are skipped.
  const page = `SELECT ${userObject} AS user FROM (
      SELECT u.id FROM auth.users u WHERE ${where}
      ORDER BY u.created_at ${direction}, u.id ${direction} LIMIT ${limit} OFFSET ${offset}
    ) p JOIN auth.users u ON u.id = p.id ORDER BY u.created_at ${direction}, u.id ${direction}`;
  const skipped = (query.page - 1) * query.perPage;
  return {
    page: { statement: { text: page }, values: [...values, query.perPage, skipped] },
    count: {
      statement: { text: `SELECT count(*)::int AS total FROM auth.users u WHERE ${where}` },
      values,
    },
  };
}

/** `strpos` takes every character for itself, where LIKE would have wildcards. */
function conditionsOf({ audience, filter, email, status, now }: UserQuery) {
  const values: unknown[] = [audience];
  const place: Place = (value) => `$${values.push(value)}`;
  const conditions = [`u.instance_id = '${instanceId}'`, 'u.aud = $1'];
  if (status !== undefined) conditions.push(standing[status](place, now));
  if (email !== undefined) conditions.push(`lower(u.email) = ${place(email)}`);
  if (filter !== undefined && filter !== '') {
    const part = place(filter);
    conditions.push(`(strpos(u.email, ${part}) > 0
      OR strpos(lower(u.raw_user_meta_data ->> 'full_name'), lower(${part})) > 0)`);
  }
  return { where: conditions.join(' AND '), values };
}
