import { choice, flag, type Settings, text, texts } from '../../core/option.js';

/** Where the application and this API live, and where people may be sent. */
export const siteOptions = {
  /**
   * Where people are sent when nothing else is said: the application's address. Production asks for it as soon as
   * mail leaves; in development it is where the application listens.
   */
  url: text('', 'GOTRUE_SITE_URL'),
  /**
   * The address of this API as links in mails name it, prefix included. Left out, it is `url` and the prefix; in
   * development, where the application listens.
   */
  apiUrl: text('', 'API_EXTERNAL_URL'),
  /**
   * Other addresses that people may be sent to, with wildcards: `*` and `?` stay within a part of a host or path,
   * `**` goes across. Every part of an address is matched by itself.
   */
  allowedRedirects: texts([], 'GOTRUE_URI_ALLOW_LIST'),
  /** Whether the header `redirect_to` may name the target too. GoTrue: it may. */
  redirectFromHeader: flag(false),
  /** Whether the page that a request comes from is the target, where none is named. GoTrue: it is. */
  redirectFromReferrer: flag(false),
  /** Whether every port of this machine (`localhost`, `127.0.0.1`, `[::1]`) is allowed. GoTrue: always. */
  redirectToLoopback: choice(['development', 'always', 'never'], 'development'),
} as const;

export type SiteSettings = Settings<typeof siteOptions>;
