import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { UserQuery } from '../../core/ports/stores.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { linkTo } from '../../wire/paging.js';
import { userBody } from '../../wire/user.js';
import { askedAudience, type AudienceNeeds } from '../admin/admin-audience.js';
import { readPaging } from '../admin/read-paging.js';
import { adminUserConditions, listUsers as operation } from './admin-users.contract.js';

type Needs = Pick<LocalNeeds, 'users' | 'clock'> & AudienceNeeds;

const statuses = ['confirmed', 'unconfirmed', 'banned', 'anonymous', 'deleted'] as const;

export const listUsers: Flow<typeof operation, Needs> = async (input, needs) => {
  const { sort, filter, email, status } = input;
  const newestFirst = readSort(sort);
  const paging = readPaging(input);
  const audience = askedAudience(needs);
  const { users, total } = await needs.users.list({
    ...paging,
    audience,
    newestFirst,
    filter: filter || undefined,
    email: email?.toLowerCase() || undefined,
    status: status ? requireStatus(status) : undefined,
    now: needs.clock.now(),
  });
  const query = { sort, filter, email, status };
  return {
    // GoTrue: identities are null in the list, and factors absent.
    body: { users: users.map(userBody), aud: audience },
    total,
    link: linkTo({ path: operation.path, query, ...paging }, total),
  };
};

/** Whether the newest come first. GoTrue: one column, from a list of one, is all that lists are sorted by. */
function readSort(sort = ''): boolean {
  if (sort === '') return true;
  const [field = '', ...rest] = sort.split(' ');
  const direction = rest.join(' ');
  const refuse = (value: string): never => deny(adminUserConditions.sortInvalid, { value });
  if (field !== 'created_at') refuse(`bad field for sort '${field.slice(0, 100)}'`);
  if (rest.length > 0 && !/^(asc|desc)$/i.test(direction))
    refuse(`bad direction for sort '${direction.slice(0, 100)}', only 'asc' and 'desc' allowed`);
  return !/^asc$/i.test(direction);
}

const requireStatus = (status: string): UserQuery['status'] =>
  statuses.find((one) => one === status) ??
  deny(adminUserConditions.statusUnknown, { value: statuses.join(', ') });
