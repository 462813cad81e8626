/** A line of the audit trail, as it stands in `auth.audit_log_entries`. Never holds a secret. */
export interface AuditLine {
  readonly id: string;
  readonly action: string;
  readonly logType: string;
  readonly actorId: string;
  readonly actorUsername: string;
  readonly ip: string | null;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/**
 * Ships the audit trail elsewhere: a class under `auditSink` of `forRoot`. Told after the unit of work is committed, so
 * never of what did not happen; what it throws is logged and fails nobody. A process that dies in between has told
 * nothing: the table is the truth.
 */
export abstract class AuditSink {
  abstract write(lines: readonly AuditLine[]): void | Promise<void>;
}
