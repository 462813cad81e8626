import {
  duration,
  integer,
  type Option,
  type OptionMistake,
  readOptions,
  type Settings,
} from '../core/option.js';

export interface GoTrueClientOptions {
  /** Where the server's routes begin, e.g. `https://project.supabase.co/auth/v1` or `http://gotrue:9999`. */
  readonly url?: string;
  /** Another name for `url`. */
  readonly baseUrl?: string;
  /** Sent as `apikey`, for the gateway in front of the server. */
  readonly apiKey?: string;
  /** The token that administrator's calls carry. Never give it to a browser. */
  readonly serviceRoleKey?: string;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * How long a call may take, tries and answer included.
   * @default '10s'
   */
  readonly timeout?: string;
  /**
   * How often a read is tried again when the network or a gateway fails. Writes are sent once.
   * @default 2
   */
  readonly retries?: number;
  /** Used instead of the global one. */
  readonly fetch?: typeof fetch;
}

/** Whether a header can carry it: printable ASCII without spaces. */
export const isToken = (value: unknown): value is string =>
  typeof value === 'string' && /^[!-~]+$/.test(value);

/** A secret that goes into a header; empty when there is none. */
export const secret: Option<string> = {
  default: '',
  read: (value) =>
    isToken(value) ? { value } : { mustBe: 'text of printable characters without spaces or line breaks' },
};

const url: Option<string> = {
  default: '',
  read: (value) => {
    const parsed = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
    const isPlain = parsed?.search === '' && parsed.hash === '' && parsed.username + parsed.password === '';
    return isPlain && /^https?:$/.test(parsed.protocol)
      ? { value: parsed.href.replace(/\/+$/, '') }
      : { mustBe: 'an http or https URL without credentials, query or fragment' };
  },
};

const headers: Option<Readonly<Record<string, string>>> = {
  default: {},
  read: (value) => {
    try {
      return { value: Object.fromEntries(new Headers(value as Record<string, string>).entries()) };
    } catch {
      // The error quotes the value, which may be a secret.
      return { mustBe: 'an object of header names and values' };
    }
  },
};

const fetchOption: Option<typeof fetch> = {
  default: (input, init) => fetch(input, init),
  read: (value) =>
    typeof value === 'function' ? { value: value as typeof fetch } : { mustBe: 'a function' },
};

export const clientShape = {
  url,
  apiKey: secret,
  serviceRoleKey: secret,
  headers,
  timeout: duration('10s'),
  retries: integer(2, { min: 0, max: 5 }),
  fetch: fetchOption,
};

/** Reads the options; every mistake is added to `mistakes`, none is thrown and none quotes a secret. */
export function readClientOptions(
  { baseUrl, ...options }: GoTrueClientOptions,
  path: string,
  mistakes: OptionMistake[],
): Settings<typeof clientShape> {
  const settings = readOptions(clientShape, { ...options, url: options.url ?? baseUrl }, { path, mistakes });
  if (options.url === undefined && baseUrl === undefined) mistakes.push(missingUrl(path));
  return settings;
}

export const missingUrl = (path: string): OptionMistake => ({
  path: `${path}.url`,
  reason: 'is missing',
  remedy: 'Say where the GoTrue server is',
});
