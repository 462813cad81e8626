import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { adminConditions } from '../admin/admin.contract.js';
import type { AudienceNeeds } from '../admin/admin-audience.js';
import { requireManagedUser } from '../admin/managed-user.js';
import { note, type NoteNeeds, traitsOf } from '../admin/note.js';
import { announceEnd } from '../admin/shut-out.js';
import type { deleteUser as operation } from './admin-users.contract.js';

type Needs = Pick<LocalNeeds, 'users' | 'announce'> & AudienceNeeds & NoteNeeds;

export const deleteUser: Flow<typeof operation, Needs> = async (input, needs) => {
  const user = await requireManagedUser(input.user_id, needs);
  const { users, clock } = needs;
  await note({ action: 'user_deleted', logType: 'team', traits: traitsOf(user) }, needs);
  if (input.should_soft_delete) await users.softDelete(user, clock.now());
  // Race: somebody else has deleted them meanwhile.
  else if (!(await users.delete(user.id))) deny(adminConditions.userNotFound);
  announceEnd(user.id, needs);
  return {};
};
