import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation } from '../../core/operation.js';
import type { OpenSessionBody } from '../../wire/open-session.js';

/** What can go wrong with somebody's own sessions. */
export const ownSessionsConditions = conditions({
  ownSessionNotFound: {
    code: 'session_not_found',
    status: 404,
    message: 'You have no session of this id',
  },
});

export interface OwnSessionBody extends OpenSessionBody {
  /** Whether it is the one that asks. */
  readonly is_current: boolean;
}

/** Where the signed-in person is signed in, the newest first. An addition: a GoTrue server answers 404. */
export const listSessions = operation<
  Record<never, never>,
  { readonly sessions: readonly OwnSessionBody[] }
>()({
  name: 'listSessions',
  method: 'GET',
  path: '/user/sessions',
  access: 'user',
  fits: (answer) => Array.isArray((answer as { readonly sessions?: unknown } | null)?.sessions),
  off: common.featureDisabled,
});

/**
 * Ends one session of the signed-in person, be it the one that asks. Does not tell whether a session that is not
 * theirs is anybody's. An addition, as `listSessions` is.
 * @throws ownSessionNotFound
 */
export const endSession = operation<{ readonly session_id: string }, void>()({
  name: 'endSession',
  method: 'DELETE',
  path: '/user/sessions/:session_id',
  access: 'user',
  answers: 'nothing',
  off: common.featureDisabled,
});

/** Ends every session of the signed-in person but the one that asks. An addition, as `listSessions` is. */
export const endOtherSessions = operation<Record<never, never>, void>()({
  name: 'endOtherSessions',
  method: 'DELETE',
  path: '/user/sessions',
  access: 'user',
  answers: 'nothing',
  off: common.featureDisabled,
});
