import { type Feature, offer } from '../feature.js';
import { endUserSession, endUserSessions, listUserSessions } from './admin-sessions.contract.js';
import {
  endUserSession as endOneFlow,
  endUserSessions as endAllFlow,
  listUserSessions as listFlow,
} from './admin-sessions.flow.js';

export const adminSessions: Feature = {
  name: 'adminSessions',
  offers: [
    offer(listUserSessions, listFlow),
    offer(endUserSession, endOneFlow),
    offer(endUserSessions, endAllFlow),
  ],
  options: {},
};
