import { deny } from '../../core/auth-error.js';
import { sessionsEnded } from '../../core/event.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { newestFirst, openSessionBody } from '../../wire/open-session.js';
import type { AudienceNeeds } from '../admin/admin-audience.js';
import { requireManagedUser } from '../admin/managed-user.js';
import { note, type NoteNeeds } from '../admin/note.js';
import { endSessions } from '../admin/shut-out.js';
import type * as contract from './admin-sessions.contract.js';
import { adminSessionConditions } from './admin-sessions.contract.js';

type ReadNeeds = Pick<LocalNeeds, 'users' | 'sessions'> & AudienceNeeds;
type EndNeeds = ReadNeeds & Pick<LocalNeeds, 'announce'> & NoteNeeds;

export const listUserSessions: Flow<typeof contract.listUserSessions, ReadNeeds> = async (input, needs) => {
  const { id } = await requireManagedUser(input.user_id, needs);
  return { sessions: newestFirst(await needs.sessions.findAll(id)).map(openSessionBody) };
};

export const endUserSession: Flow<typeof contract.endUserSession, EndNeeds> = async (input, needs) => {
  const { id: userId } = await requireManagedUser(input.user_id, needs);
  const theirs = await needs.sessions.findAll(userId);
  const session = theirs.find(({ id }) => id === input.session_id.toLowerCase());
  // Race: somebody else may be ending it, too.
  if (session === undefined || !(await needs.sessions.end(session.id)))
    return deny(adminSessionConditions.userSessionNotFound);
  await noteEnd({ user_id: userId, session_id: session.id }, needs);
  needs.announce(sessionsEnded, { userId, sessionIds: [session.id] });
};

export const endUserSessions: Flow<typeof contract.endUserSessions, EndNeeds> = async (input, needs) => {
  const { id } = await requireManagedUser(input.user_id, needs);
  await endSessions(id, needs);
  await noteEnd({ user_id: id }, needs);
};

const noteEnd = (traits: Record<string, string>, needs: EndNeeds): Promise<void> =>
  note({ action: 'logout', logType: 'account', traits }, needs);
