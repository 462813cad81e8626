import { createHmac } from 'node:crypto';
import { deny, isAuthError } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import { withinDeadline } from '../../core/deadline.js';
import type { Idp, IdpLeg } from '../../core/ports/idps.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { oauthConditions } from './oauth.contract.js';
import type { OauthSettings } from './oauth.options.js';

/** What it takes to speak with an identity provider. */
export type AskNeeds = Pick<LocalNeeds, 'idps' | 'tokens' | 'places' | 'caller'> & {
  readonly settings: { readonly oauth: OauthSettings };
};

/** @throws idpUnsupported, idpDisabled */
export function requireIdp(given: string, { idps }: Pick<AskNeeds, 'idps'>): Idp {
  // GoTrue: finds it in any case, and keeps the name as it came: one person, two identities.
  const name = given.toLowerCase();
  const idp = idps.find(name);
  if (idp !== null) return idp;
  if (idps.knows(name)) deny(oauthConditions.idpDisabled);
  const value = name.startsWith('custom:')
    ? `custom provider ${name} not found`
    : `Provider ${name} could not be found`;
  return deny(oauthConditions.idpUnsupported, { value });
}

/**
 * One way there and back. What binds the provider's code to us (RFC 7636) and its ID token to this way (OpenID Connect
 * Core 15.5.2) follows from the state for whoever has the signing key, so nothing is stored.
 */
export function legOf(state: string, idp: Idp, { tokens, places, settings }: AskNeeds): IdpLeg {
  const { bindToIdp } = settings.oauth;
  const derived = (purpose: string): string | null =>
    bindToIdp ? createHmac('sha256', tokens.deriveKey(purpose)).update(state).digest('base64url') : null;
  return {
    state,
    redirectUri: idp.redirectUri ?? `${places.apiUrl}/callback`,
    verifier: derived('idp-verifier'),
    nonce: derived('idp-nonce'),
  };
}

/** Milliseconds: the longest that is waited for a provider, and what the request itself needs afterwards. */
const [longest, reserve] = [9_000, 1_000];

/**
 * Asks the provider before anything is written, and gives up before the request itself is given up, so that the person
 * gets back to the application.
 * @throws idpUnavailable, idpAnswerRefused, or idpFault for both where that is the option
 */
export async function askIdp<T>(ask: () => Promise<T>, { caller, settings }: AskNeeds): Promise<T> {
  const { until = Infinity } = caller;
  const time = Math.max(0, Math.min(longest, until - performance.now() - reserve));
  try {
    return await withinDeadline(time, ask, 'An identity provider').catch(tooLate);
  } catch (error) {
    const isFault = isAuthError(error) && faults.has(error.condition.name);
    if (!isFault || settings.oauth.tellIdpFaults) throw error;
    return deny(oauthConditions.idpFault, { value: error.message, cause: error });
  }
}

const faults = new Set([oauthConditions.idpUnavailable.name, oauthConditions.idpAnswerRefused.name]);

function tooLate(error: unknown): never {
  if (!isAuthError(error) || error.condition !== common.requestTimeout) throw error;
  deny(oauthConditions.idpUnavailable, {
    value: 'The external provider took too long to answer',
    cause: error,
  });
}
