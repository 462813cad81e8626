import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation, type Paged } from '../../core/operation.js';
import type { Metadata } from '../../core/records.js';
import type { PagingInput } from '../admin/admin.contract.js';

/** What can go wrong when somebody reads the audit trail. Codes and words are GoTrue's (contract 2.16). */
export const adminAuditConditions = conditions({
  auditScopeInvalid: {
    code: 'validation_failed',
    status: 400,
    message: (query) => `Invalid query scope: ${query}`,
  },
});

export interface ListAuditInput extends PagingInput {
  /** `author:`, `action:` or `type:` and a part of it, in any case. */
  readonly query?: string;
}

export interface AuditEntryBody {
  readonly id: string;
  /** Who did what: `actor_id`, `actor_username`, `action`, `log_type`, and `traits`, which belong to the action. */
  readonly payload: Metadata;
  readonly created_at: string;
  readonly ip_address: string;
}

/** What happened to accounts, the newest first, page by page. */
export const listAuditEntries = operation<ListAuditInput, Paged<readonly AuditEntryBody[]>>()({
  name: 'listAuditEntries',
  method: 'GET',
  path: '/admin/audit',
  access: 'admin',
  query: 'all',
  answers: 'paged',
  fits: (answer) => Array.isArray((answer as Partial<Paged<unknown>>).body),
  off: common.featureDisabled,
});
