import { conditions } from '../../core/condition.js';
import { operation, type Page, type Redirect } from '../../core/operation.js';

/** What can go wrong with the state that a browser brings back. Codes and words are GoTrue's (contract 2.11). */
export const callbackConditions = conditions({
  callbackWithoutState: { code: 'bad_oauth_callback', status: 400, message: 'OAuth state parameter missing' },
  callbackWithoutCode: {
    code: 'bad_oauth_callback',
    status: 400,
    message: 'OAuth callback with missing authorization code missing',
  },
  stateUnknown: {
    code: 'bad_oauth_state',
    status: 400,
    message: 'OAuth state not found or expired',
  },
  stateInvalid: { code: 'bad_oauth_state', status: 400, message: 'OAuth state parameter is invalid' },
  stateExpired: { code: 'bad_oauth_state', status: 400, message: 'OAuth state has expired' },
  stateOfOtherBrowser: {
    code: 'bad_oauth_state',
    status: 400,
    message: 'OAuth state belongs to another browser',
  },
  stateAlreadyUsed: {
    code: 'flow_state_already_used',
    status: 400,
    message: 'State has already been used',
  },
});

export interface CallbackInput {
  readonly state?: string;
  readonly code?: string;
  readonly error?: string;
  readonly error_description?: string;
  /** From the page that asks whether a way in is to be added. */
  readonly confirmed?: string;
  readonly [member: string]: string | undefined;
}

const leg = {
  path: '/callback',
  access: 'anyone',
  query: 'all',
  answers: 'redirect',
  eachOnce: true,
} as const;

/**
 * Where the identity provider sends the browser back; sends it on to the application. Somebody who gets one more way in,
 * in a browser of which nothing tells that they asked for it, is asked first.
 */
export const callback = operation<CallbackInput, Redirect | Page>()({
  name: 'callback',
  method: 'GET',
  changes: true,
  ...leg,
  off: callbackConditions.stateUnknown,
});

/** `callback` for providers that answer with a form, such as Apple, and for who was asked. */
export const callbackByForm = operation<CallbackInput, Redirect | Page>()({
  name: 'callbackByForm',
  method: 'POST',
  ...leg,
  off: callbackConditions.stateUnknown,
});
