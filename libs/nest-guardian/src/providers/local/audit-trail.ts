import { randomUUID } from 'node:crypto';
import type { AuditLine } from '../../core/ports/audit-sink.js';
import type { AuditEntry, AuditStore, SessionStore } from '../../core/ports/stores.js';
import { overlay } from './overlay.js';

/** The audit lines of one request, for those who are not served by the table alone. */
export class AuditTrail {
  readonly #lines: AuditLine[] = [];

  /** @param isWritten whether the table gets them, too */
  constructor(private readonly isWritten: boolean) {}

  watchAudit(audit: AuditStore): AuditStore {
    return overlay<AuditStore>(audit, {
      record: async (entry) => {
        const id = randomUUID();
        if (this.isWritten) await audit.record({ ...entry, id });
        this.#lines.push(lineOf(entry, id));
      },
    });
  }

  /** A refresh writes its row itself, in the statement that rotates. */
  watchSessions(sessions: SessionStore): SessionStore {
    return overlay<SessionStore>(sessions, {
      rotate: async (rotation) => {
        const id = randomUUID();
        const rotated = await sessions.rotate({ ...rotation, auditId: this.isWritten ? id : null });
        if (rotated === null) return null;
        const entry = { actor: rotated.user, action: 'token_refreshed', logType: 'token', at: rotation.at };
        this.#lines.push(lineOf(entry as AuditEntry, id));
        return rotated;
      },
    });
  }

  /** Hands out what there is, once. */
  take(): readonly AuditLine[] {
    return this.#lines.splice(0);
  }
}

const lineOf = ({ actor, action, logType, traits, at, ip }: AuditEntry, id: string): AuditLine => ({
  id,
  action,
  logType,
  actorId: actor.id,
  actorUsername: actor.phone ?? actor.email ?? '',
  ip: ip ?? null,
  traits: traits ?? {},
  at,
});
