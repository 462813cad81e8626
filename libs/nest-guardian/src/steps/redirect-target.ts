import type { LocalNeeds } from './needs.js';

/** What the decision reads of the settings of the site. */
export interface RedirectSettings {
  readonly site: {
    readonly allowedRedirects: readonly string[];
    readonly redirectFromHeader: boolean;
    readonly redirectFromReferrer: boolean;
    readonly redirectToLoopback: 'development' | 'always' | 'never';
  };
}

export type RedirectNeeds = Pick<LocalNeeds, 'caller' | 'places'> & { readonly settings: RedirectSettings };

/**
 * Where a person may be sent: the first of what is named, of the caller's query, header and referrer that is allowed, and
 * otherwise the site. Every redirect goes through here.
 */
export function redirectTarget(named: string | undefined, { places }: RedirectNeeds): string {
  // TODO(#5) the decision itself
  return named ?? places.siteUrl;
}
