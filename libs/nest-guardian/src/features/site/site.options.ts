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
   * Other addresses that people may be sent to, with wildcards: `*` and `?` stop at `.` and `/`, `**` goes across. Scheme,
   * host, port, path, query and fragment are matched each by itself. See [redirects](redirects.md).
   */
  allowedRedirects: texts([], 'GOTRUE_URI_ALLOW_LIST'),
  /** Whether the header `redirect_to` may name the target too. GoTrue: it may. */
  redirectFromHeader: flag(false),
  /** Whether the page that a request comes from is the target, where none is named. GoTrue: it is. */
  redirectFromReferrer: flag(false),
  /**
   * Whether people may be sent to every port of this machine by its address (`127.0.0.1`, `[::1]`), and to every port of
   * `localhost` where the site is there itself. GoTrue: always.
   */
  redirectToLoopback: choice(['development', 'always', 'never'], 'development'),
} as const;

export type SiteSettings = Settings<typeof siteOptions>;
