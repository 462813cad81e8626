import type { AuditEntry } from '../../core/ports/stores.js';
import { adminActor } from '../../steps/admin-actor.js';
import type { LocalNeeds } from '../../steps/needs.js';
import type { Metadata, User } from '../../core/records.js';

export type NoteNeeds = Pick<LocalNeeds, 'audit' | 'clock' | 'caller' | 'principal'>;

/** Notes in the audit trail what an administrator does. */
export const note = (
  what: Pick<AuditEntry, 'action' | 'logType' | 'ip'> & { readonly traits: Metadata },
  needs: NoteNeeds,
): Promise<void> => needs.audit.record({ ...what, actor: adminActor(needs), at: needs.clock.now() });

/** Whom it was done to, as GoTrue names them. */
export const traitsOf = ({ id, email, phone }: User): Metadata => ({
  user_id: id,
  user_email: email ?? '',
  user_phone: phone ?? '',
});
