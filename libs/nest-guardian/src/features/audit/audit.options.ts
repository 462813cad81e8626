import { duration, flag, opposite, type Settings } from '../../core/option.js';

/** The options of the audit trail. */
export const auditOptions = {
  /** Whether what happens to accounts is written into `auth.audit_log_entries`. An `AuditSink` hears of it either way. */
  write: opposite(flag(true, 'GOTRUE_AUDIT_LOG_DISABLE_POSTGRES')),
  /** How long it stays there. Older lines are deleted now and then. `'0s'` is for ever. */
  retention: duration('0s'),
} as const;

export type AuditSettings = Settings<typeof auditOptions>;
