import { deny } from '../../core/auth-error.js';
import { sessionsEnded } from '../../core/event.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireCaller } from '../../steps/require-caller.js';
import { sessionConditions, signOut as operation } from './session.contract.js';

type Needs = Pick<LocalNeeds, 'users' | 'sessions' | 'audit' | 'principal' | 'clock' | 'announce'>;

export const signOut: Flow<typeof operation, Needs> = async ({ scope = '' }, needs) => {
  const { user, session } = await requireCaller(needs);
  if (!['', 'global', 'local', 'others'].includes(scope))
    deny(sessionConditions.scopeUnsupported, { value: scope });
  await needs.audit.record({ actor: user, action: 'logout', logType: 'account', at: needs.clock.now() });
  // GoTrue: a token without a session can only mean all of them.
  const except = scope === 'others' ? session?.id : undefined;
  if (scope === 'local' && session !== null) {
    await needs.sessions.end(session.id);
    needs.announce(sessionsEnded, { userId: user.id, sessionIds: [session.id] });
    return;
  }
  await needs.sessions.endAll(user.id, except);
  needs.announce(sessionsEnded, { userId: user.id, sessionIds: 'all', except });
};
