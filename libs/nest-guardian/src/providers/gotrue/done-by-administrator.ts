import type { assuranceChanged, sessionsEnded } from '../../core/event.js';
import type { InputOf, Operation } from '../../core/operation.js';
import { deleteUserFactor } from '../../features/admin-factors/admin-factors.contract.js';
import { endUserSession, endUserSessions } from '../../features/admin-sessions/admin-sessions.contract.js';
import {
  deleteUser,
  type UpdateUserByIdInput,
  updateUserById,
} from '../../features/admin-users/admin-users.contract.js';

type Ended = NonNullable<(typeof sessionsEnded)['types']>;
type Changed = NonNullable<(typeof assuranceChanged)['types']>;

/** Whose sessions an administrator has just ended at the server; null for who ended none. */
export function endedByAdministrator<I, O>({ name }: Operation<I, O>, input: I): Ended | null {
  if (name === endUserSession.name) {
    const { user_id, session_id } = input as InputOf<typeof endUserSession>;
    return { userId: user_id.toLowerCase(), sessionIds: [session_id.toLowerCase()] };
  }
  const endsAll = name === deleteUser.name || name === endUserSessions.name || shutsOut(name, input);
  if (!endsAll) return null;
  return { userId: (input as InputOf<typeof deleteUser>).user_id.toLowerCase(), sessionIds: 'all' };
}

function shutsOut(name: string, input: unknown): boolean {
  if (name !== updateUserById.name) return false;
  const { password, ban_duration } = input as UpdateUserByIdInput;
  return password !== undefined || !['', 'none', undefined].includes(ban_duration);
}

/** Whose sessions may have fallen back, since an administrator took a factor away. */
export const loweredByAdministrator = <I, O>({ name }: Operation<I, O>, input: I): Changed | null =>
  name === deleteUserFactor.name
    ? { userId: (input as InputOf<typeof deleteUserFactor>).user_id.toLowerCase() }
    : null;
