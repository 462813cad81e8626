import type { ProviderContext } from '../core/provider-choice.js';
import type { SiteSettings } from '../features/site/site.options.js';
import type { Places } from '../steps/needs.js';
import { isProduction } from './boot-refusals.js';

/** Where this server is taken to be when nobody says so and it does not listen. */
const nowhere = 'http://localhost:3000';

/**
 * Where application and API live. Asked anew each time, since the port is known only once the server listens.
 * Never taken from a request: whoever sends one could choose where our links lead.
 */
export const placesOf = (
  { url, apiUrl, redirectToLoopback }: SiteSettings,
  { listensAt, prefix }: Pick<ProviderContext, 'listensAt' | 'prefix'>,
): Places => ({
  get siteUrl() {
    return url === '' ? (listensAt() ?? nowhere) : url;
  },
  get apiUrl() {
    if (apiUrl !== '') return apiUrl.replace(/\/+$/, '');
    const base = isProduction() && url !== '' ? new URL(url).origin : (listensAt() ?? nowhere);
    return prefix === '' ? base : `${base}/${prefix}`;
  },
  allowsLoopback:
    redirectToLoopback === 'always' || (redirectToLoopback === 'development' && !isProduction()),
});

/** What is odd about where links will lead, or null. A proxy that takes a path off or puts one on may want it so. */
export function oddPlaceOf({ apiUrl }: SiteSettings, prefix: string): string | null {
  const path = apiUrl === '' ? prefix : new URL(apiUrl).pathname.replace(/^\/+|\/+$/g, '');
  if (path === prefix) return null;
  return `Links in mails lead below ${apiUrl}, and this server answers below /${prefix}: unless a proxy brings the two together, change site.apiUrl (API_EXTERNAL_URL) or the prefix (GUARDIAN_PREFIX)`;
}
