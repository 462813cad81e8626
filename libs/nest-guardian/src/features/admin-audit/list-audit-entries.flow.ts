import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { AuditQuery, AuditRow } from '../../core/ports/stores.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { linkTo } from '../../wire/paging.js';
import { readPaging } from '../admin/read-paging.js';
import {
  adminAuditConditions,
  type AuditEntryBody,
  listAuditEntries as operation,
} from './admin-audit.contract.js';

type Needs = Pick<LocalNeeds, 'audit'>;

const fields = ['author', 'action', 'type'] as const;

export const listAuditEntries: Flow<typeof operation, Needs> = async (input, needs) => {
  const paging = readPaging(input);
  const { query } = input;
  const { rows, total } = await needs.audit.list({ ...paging, search: readSearch(query) });
  return {
    body: rows.map(toBody),
    total,
    link: linkTo({ path: operation.path, query: { query }, ...paging }, total),
  };
};

function readSearch(query = ''): AuditQuery['search'] {
  if (query === '') return undefined;
  const at = query.indexOf(':');
  const field = fields.find((one) => one === query.slice(0, Math.max(at, 0)));
  if (field === undefined) deny(adminAuditConditions.auditScopeInvalid, { value: query.slice(0, 100) });
  const text = query.slice(at + 1);
  return text === '' ? undefined : { field, text };
}

const toBody = ({ id, payload, createdAt, ip }: AuditRow): AuditEntryBody => ({
  id,
  payload,
  created_at: createdAt.toISOString(),
  ip_address: ip,
});
