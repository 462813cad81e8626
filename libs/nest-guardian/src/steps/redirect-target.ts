import { fitsPattern, isPatternMistake, readRedirectPattern } from '../core/redirect-pattern.js';
import type { RedirectPattern } from '../core/redirect-pattern.js';
import {
  isLoopbackAddress,
  isNumericHost,
  isThisMachine,
  isWeb,
  readRedirectUrl,
} from '../core/redirect-url.js';
import type { LocalNeeds, Places } from './needs.js';

/** What the decision reads of the settings of the site. */
export interface RedirectSettings {
  readonly site: {
    readonly allowedRedirects: readonly string[];
    readonly redirectFromHeader: boolean;
    readonly redirectFromReferrer: boolean;
  };
}

export type RedirectNeeds = Pick<LocalNeeds, 'caller' | 'places'> & { readonly settings: RedirectSettings };

/**
 * Where a person may be sent: the first of what is named, of the caller's query, header and referrer that is allowed, and
 * otherwise the site. Every redirect goes through here. What comes out is written the way browsers read it, and has a
 * fragment only where a pattern says so.
 */
export function redirectTarget(named: string | undefined, needs: RedirectNeeds): string {
  const { caller, places, settings } = needs;
  const { redirectFromHeader, redirectFromReferrer, allowedRedirects } = settings.site;
  const candidates = [
    // GoTrue: what a body names comes first, then header, query and referrer.
    named === caller.redirectTo ? null : named,
    redirectFromHeader ? caller.redirectHeader : null,
    caller.redirectTo,
    redirectFromReferrer ? caller.referrer : null,
  ];
  const patterns = patternsOf(allowedRedirects);
  for (const candidate of candidates) {
    const target = candidate ? allowedTarget(candidate, patterns, places) : null;
    if (target !== null) return target;
  }
  return places.siteUrl;
}

function allowedTarget(
  candidate: string,
  patterns: readonly RedirectPattern[],
  places: Places,
): string | null {
  const read = readRedirectUrl(candidate);
  if (read === null) return null;
  const { url, text } = read;
  const site = new URL(places.siteUrl);
  // A fragment would stand beside the one that carries the session.
  const withoutFragment = text.replace(/#.*/, '');
  if (isSite(url, site, places) || isOnThisMachine(url, places)) return withoutFragment;
  if (isNumericHost(url.hostname) && !isLoopbackAddress(url.hostname)) return null;
  if (url.protocol === 'http:' && !isThisMachine(url.hostname) && site.protocol !== 'http:') return null;
  return patterns.some((pattern) => fitsPattern(url, pattern)) ? text : null;
}

function isSite(url: URL, site: URL, { allowsLoopback }: Places): boolean {
  if (url.protocol !== site.protocol || url.hostname !== site.hostname) return false;
  // RFC 8252 7.3: an app on this machine listens where it can.
  return url.port === site.port || (allowsLoopback && isThisMachine(url.hostname));
}

const isOnThisMachine = (url: URL, { allowsLoopback }: Places): boolean =>
  allowsLoopback && isWeb(url) && isLoopbackAddress(url.hostname);

const known = new WeakMap<readonly string[], readonly RedirectPattern[]>();

/** Reads a list once. What cannot be read allows nothing; the start has refused it. */
function patternsOf(allowed: readonly string[]): readonly RedirectPattern[] {
  const read = known.get(allowed) ?? allowed.flatMap(readable);
  known.set(allowed, read);
  return read;
}

function readable(pattern: string): readonly RedirectPattern[] {
  const read = readRedirectPattern(pattern);
  return isPatternMistake(read) ? [] : read;
}
