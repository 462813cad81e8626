/** An address that a browser understands the way it is written. */
export interface RedirectUrl {
  readonly url: URL;
  /** What is sent to the browser: as it was given, made canonical. An empty path stays empty. */
  readonly text: string;
}

const longest = 2_048;

/** Schemes that run something, show something of ours as somebody else's, or hold another address in themselves. */
const unsafeSchemes =
  /^(javascript|data|vbscript|file|about|blob|filesystem|view-source|intent|ftp|wss?|chrome|jar|mailto|tel|sms):$/;

export const isUnsafeScheme = (protocol: string): boolean => unsafeSchemes.test(protocol);

export const isWeb = ({ protocol }: Pick<URL, 'protocol'>): boolean =>
  protocol === 'http:' || protocol === 'https:';

/** Addresses of this machine itself, RFC 8252 7.3; a name such as `localhost` can be made to lead elsewhere. */
export const isLoopbackAddress = (host: string): boolean =>
  host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

export const isThisMachine = (host: string): boolean => host === 'localhost' || isLoopbackAddress(host);

/** Any address in numbers, in brackets or of digits alone: nobody can see whose it is. */
export const isNumericHost = (host: string): boolean => /^(\[.*\]|\d+|\d+(\.\d+){3})$/.test(host);

/**
 * Reads an address that is whole (no base is assumed) and that no two programs could read differently. Null for
 * everything that is redirected past a reader's eyes: user names, backslashes, control characters, hosts in other
 * letters or numbers than they end up in, dot segments, encoded separators. Says nothing of who may be sent there.
 */
export function readRedirectUrl(text: string): RedirectUrl | null {
  const written = withEncodedSpaces(text);
  if (written.length > longest || !isPlain(written) || !URL.canParse(written)) return null;
  const url = new URL(written);
  if (isUnsafeScheme(url.protocol) || url.username !== '' || url.password !== '') return null;
  if (hasEncodedSeparator(url.pathname)) return null;
  if (isWeb(url)) return readWebUrl(url, written);
  // What an app's own scheme means is the app's business, so only what is canonical already goes through.
  return url.href === written ? { url, text: written } : null;
}

function readWebUrl(url: URL, written: string): RedirectUrl | null {
  const parts = /^https?:\/\/([^/?#@]+?)(?::\d*)?([/?#][^]*|)$/i.exec(written);
  if (parts === null) return null;
  const [, host = '', rest = ''] = parts;
  // Not even by the parser: `127.1`, `0x7f000001` and other letters would be a host that nobody wrote.
  if (host.toLowerCase() !== url.hostname || host.endsWith('.')) return null;
  const whole = rest.startsWith('/') ? rest : `/${rest}`;
  return url.href === `${url.origin}${whole}` ? { url, text: `${url.origin}${rest}` } : null;
}

/** GoTrue: a query may come with spaces in it. */
const withEncodedSpaces = (text: string): string => {
  const at = text.indexOf('?');
  return at === -1 ? text : text.slice(0, at) + text.slice(at).replaceAll(' ', '%20');
};

/** Printable ASCII, no backslash, no encoded control character. */
const isPlain = (text: string): boolean =>
  /^[\x21-\x5b\x5d-\x7e]+$/.test(text) && !/%([01][0-9a-f]|7f)/i.test(text);

/** `/`, `\`, `.` and `%` in code: whoever decodes once more than we do would see another path. Or `..` before a semicolon. */
const hasEncodedSeparator = (path: string): boolean =>
  /%(2f|5c|2e|25)/i.test(path) || /(^|\/)\.{1,2};/.test(path);
