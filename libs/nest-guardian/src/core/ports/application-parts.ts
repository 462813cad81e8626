import type { AccountWork } from './account-work.js';
import type { AuditSink } from './audit-sink.js';
import type { CustomClaims } from './custom-claims.js';

/**
 * What the application itself brings, as `forRoot` names it; null where it brings none. Each is asked for when it is
 * first needed: it may itself need what is being made meanwhile, such as `Auth`.
 */
export abstract class ApplicationParts {
  /** In the order in which they are to be called. */
  abstract readonly accountWork: (() => Promise<readonly AccountWork[]>) | null;
  abstract readonly customClaims: (() => Promise<CustomClaims>) | null;
  abstract readonly auditSink: (() => Promise<AuditSink>) | null;
}
