import { deny } from '../../core/auth-error.js';
import { sessionsEnded } from '../../core/event.js';
import type { Flow } from '../../core/flow.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { type AssuredNeeds, requireAssuredCaller } from '../../steps/require-assured-caller.js';
import { newestFirst, openSessionBody } from '../../wire/open-session.js';
import type * as contract from './own-sessions.contract.js';
import { ownSessionsConditions } from './own-sessions.contract.js';

type ReadNeeds = AssuredNeeds & Pick<LocalNeeds, 'sessions'>;
type EndNeeds = ReadNeeds & Pick<LocalNeeds, 'audit' | 'announce'>;

export const listSessions: Flow<typeof contract.listSessions, ReadNeeds> = async (_, needs) => {
  const { user, session: current } = await requireAssuredCaller(needs);
  const sessions = await needs.sessions.findAll(user.id);
  return {
    sessions: newestFirst(sessions).map((session) => ({
      ...openSessionBody(session),
      is_current: session.id === current?.id,
    })),
  };
};

export const endSession: Flow<typeof contract.endSession, EndNeeds> = async ({ session_id }, needs) => {
  const { user } = await requireAssuredCaller(needs);
  const own = await needs.sessions.findAll(user.id);
  const session = own.find(({ id }) => id === session_id.toLowerCase());
  // Race: somebody else may be ending it, too.
  if (session === undefined || !(await needs.sessions.end(session.id))) {
    return deny(ownSessionsConditions.ownSessionNotFound);
  }
  await note(user, needs);
  needs.announce(sessionsEnded, { userId: user.id, sessionIds: [session.id] });
};

export const endOtherSessions: Flow<typeof contract.endOtherSessions, EndNeeds> = async (_, needs) => {
  const { user, session } = await requireAssuredCaller(needs);
  await needs.sessions.endAll(user.id, session?.id);
  await note(user, needs);
  needs.announce(sessionsEnded, { userId: user.id, sessionIds: 'all', except: session?.id });
};

const note = (actor: User, { audit, clock }: EndNeeds): Promise<void> =>
  audit.record({ actor, action: 'logout', logType: 'account', at: clock.now() });
