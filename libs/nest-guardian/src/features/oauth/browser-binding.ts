import { createHmac } from 'node:crypto';
import type { IdpFlow } from '../../core/ports/flow-states.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { isSameText } from '../../tokens/same-text.js';
import { stateCookie, stateCookieIn, stateCookieName } from '../../wire/state-cookie.js';

type Needs = Pick<LocalNeeds, 'tokens' | 'places'>;
type Bindable = Pick<IdpFlow, 'id' | 'challenge' | 'linkingTargetId'>;

/**
 * Whether the browser that comes back has to be the one that left. Who signs in with PKCE gets a code that is of use to
 * the holder of the verifier alone; what is linked is linked before anybody shows one.
 */
export const isBoundToBrowser = ({ challenge, linkingTargetId }: Bindable): boolean =>
  challenge === null || linkingTargetId !== null;

/** The `Set-Cookie` line that makes a browser the one that left. Nothing is stored. */
export const bindBrowser = (state: string, lifetime: number, needs: Needs): string =>
  stateCookie(state, {
    value: proofOf(state, needs),
    maxAge: Math.ceil(lifetime / 1000),
    isSecure: isSecure(needs),
  });

/** Takes the cookie back: the state is used up. */
export const unbindBrowser = (state: string, needs: Needs): string =>
  stateCookie(state, { value: '', maxAge: 0, isSecure: isSecure(needs) });

export function isSameBrowser(state: string, needs: Needs & Pick<LocalNeeds, 'caller'>): boolean {
  const shown = stateCookieIn(needs.caller.cookies, stateCookieName(state, isSecure(needs)));
  return shown !== null && isSameText(shown, proofOf(state, needs));
}

const proofOf = (state: string, { tokens }: Needs): string =>
  createHmac('sha256', tokens.deriveKey('idp-browser')).update(state).digest('base64url');

const isSecure = ({ places }: Needs): boolean => places.apiUrl.startsWith('https:');
