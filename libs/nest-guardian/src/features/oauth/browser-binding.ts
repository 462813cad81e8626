import { createHmac } from 'node:crypto';
import type { IdpFlow } from '../../core/ports/flow-states.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { isSameText } from '../../tokens/same-text.js';
import { stateCookie, stateCookieIn, stateCookieName } from '../../wire/state-cookie.js';
import type { LinksSettings } from '../links/links.options.js';

export type BindingNeeds = Pick<LocalNeeds, 'tokens' | 'places'> & {
  readonly settings: { readonly links: LinksSettings };
};
type Bindable = Pick<IdpFlow, 'id' | 'challenge' | 'linkingTargetId'>;

/**
 * Whether the browser that comes back has to be the one that left. Who signs in with PKCE gets a code that is of use to
 * the holder of the verifier alone; what is linked is linked before anybody shows one.
 */
export const isBoundToBrowser = ({ challenge, linkingTargetId }: Bindable): boolean =>
  challenge === null || linkingTargetId !== null;

/** The `Set-Cookie` line that makes a browser the one that left. Nothing is stored. */
export const bindBrowser = (state: string, needs: BindingNeeds): string =>
  markBrowser(state, proofOf(state, needs), needs);

/** The `Set-Cookie` line by which a browser shows this text again while the way is open. */
export const markBrowser = (state: string, value: string, needs: BindingNeeds): string =>
  stateCookie(state, {
    value,
    maxAge: Math.ceil(needs.settings.links.pkceLifetime / 1000),
    isSecure: isSecure(needs),
  });

/** Takes the cookie back: the state is used up. */
export const unbindBrowser = (state: string, needs: BindingNeeds): string =>
  stateCookie(state, { value: '', maxAge: 0, isSecure: isSecure(needs) });

export function isSameBrowser(state: string, needs: BindingNeeds & Pick<LocalNeeds, 'caller'>): boolean {
  const shown = markOf(state, needs);
  return shown !== null && isSameText(shown, proofOf(state, needs));
}

/** What the browser shows of what it was marked with; null for nothing. */
export const markOf = (state: string, needs: Pick<LocalNeeds, 'caller' | 'places'>): string | null =>
  stateCookieIn(needs.caller.cookies, stateCookieName(state, isSecure(needs)));

const proofOf = (state: string, { tokens }: BindingNeeds): string =>
  createHmac('sha256', tokens.deriveKey('idp-browser')).update(state).digest('base64url');

const isSecure = ({ places }: Pick<LocalNeeds, 'places'>): boolean => places.apiUrl.startsWith('https:');
