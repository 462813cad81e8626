import { type Feature, offer } from '../feature.js';
import * as ownSessions from './own-sessions.contract.js';
import * as ownFlows from './own-sessions.flow.js';
import { refreshSession as refreshFlow } from './refresh.flow.js';
import { refreshSession, signOut } from './session.contract.js';
import { RefreshBody } from './session.input.js';
import { sessionOptions } from './session.options.js';
import { signOut as signOutFlow } from './sign-out.flow.js';

export const session: Feature = {
  name: 'session',
  offers: [
    offer(refreshSession, refreshFlow, RefreshBody),
    offer(signOut, signOutFlow),
    offer(ownSessions.listSessions, ownFlows.listSessions),
    offer(ownSessions.endSession, ownFlows.endSession),
    offer(ownSessions.endOtherSessions, ownFlows.endOtherSessions),
  ],
  options: sessionOptions,
};
