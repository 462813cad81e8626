import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation } from '../../core/operation.js';
import type { OpenSessionBody } from '../../wire/open-session.js';
import type { OfUser } from '../admin/admin.contract.js';

/** What can go wrong when an administrator ends sessions. */
export const adminSessionConditions = conditions({
  userSessionNotFound: {
    code: 'session_not_found',
    status: 404,
    message: 'The user has no session of this id',
  },
});

/** Where somebody is signed in, the newest first. An addition: a GoTrue server answers 404. */
export const listUserSessions = operation<OfUser, { readonly sessions: readonly OpenSessionBody[] }>()({
  name: 'listUserSessions',
  method: 'GET',
  path: '/admin/users/:user_id/sessions',
  access: 'admin',
  fits: (answer) => Array.isArray((answer as { readonly sessions?: unknown } | null)?.sessions),
  off: common.featureDisabled,
});

/** Ends one session of somebody. An addition, as `listUserSessions` is. @throws userSessionNotFound */
export const endUserSession = operation<OfUser & { readonly session_id: string }, void>()({
  name: 'endUserSession',
  method: 'DELETE',
  path: '/admin/users/:user_id/sessions/:session_id',
  access: 'admin',
  answers: 'nothing',
  off: common.featureDisabled,
});

/** Ends every session of somebody. An addition, as `listUserSessions` is. */
export const endUserSessions = operation<OfUser, void>()({
  name: 'endUserSessions',
  method: 'DELETE',
  path: '/admin/users/:user_id/sessions',
  access: 'admin',
  answers: 'nothing',
  off: common.featureDisabled,
});
