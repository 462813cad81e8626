import type { OptionMistake } from './option.js';
import { expandBraces, fitsGlob, type Glob, readGlob } from './redirect-glob.js';
import { isThisMachine, isUnsafeScheme, isWeb } from './redirect-url.js';

/**
 * Whether a pattern of allowed redirects lets any web host through, so that a link of ours could carry a session
 * anywhere: `*`, `**`, `https://*`, `https://**.com/**`, `https://app?example.com/**`. A wildcard in front of a name of
 * one's own (`https://*.example.com/**`) does not, nor does an app's own scheme (`com.example.app://**`).
 */
export function allowsAnyHost(pattern: string): boolean {
  const [, scheme = '*', authority = ''] = /^(?:([^:/]*):\/\/)?([^/#]*)/.exec(pattern.trim()) ?? [];
  if (!/^https?$/i.test(scheme) && !isWild(scheme)) return false;
  const host = authority.replace(/^.*@/, '').replace(/:[^\]]*$/, '');
  // The last two labels say whose a name is; a wildcard in either says that it is anybody's.
  return host.split('.').slice(-2).some(isWild);
}

const isWild = (text: string): boolean => /[*?[]/.test(text.replace('[::1]', ''));

/** A pattern of allowed redirects, part by part: a wildcard never reaches from one part into the next. */
export interface RedirectPattern {
  readonly scheme: Glob;
  /** A scheme with a wildcard stands for the web's two, and for no other. */
  readonly isAnyWebScheme: boolean;
  /** With the port, where the scheme is an app's own. */
  readonly host: Glob;
  /** Null for any. */
  readonly port: Glob | null;
  readonly path: Glob;
  readonly query: Glob;
  readonly fragment: Glob;
}

export type PatternMistake = Omit<OptionMistake, 'path'>;

const anyHost: PatternMistake = {
  reason: 'lets any host through',
  remedy: 'Name the hosts that people may be sent to, e.g. https://*.example.com/**',
};
const unreadable: PatternMistake = {
  reason: 'cannot be read',
  remedy:
    'Write a whole address in plain letters, e.g. https://app.example.com/** or com.example.app://callback',
};

/** Reads a pattern as everything that it stands for, or says what is wrong with it. */
export function readRedirectPattern(text: string): readonly RedirectPattern[] | PatternMistake {
  const texts = expandBraces(text.trim());
  if (texts === null) return unreadable;
  if (texts.some(allowsAnyHost)) return anyHost;
  const patterns = texts.flatMap((one) => questionMarks(one).map(readParts));
  const read = patterns.filter((pattern) => pattern !== null);
  return read.length === patterns.length ? read : unreadable;
}

export const isPatternMistake = (read: ReturnType<typeof readRedirectPattern>): read is PatternMistake =>
  'reason' in read;

/** A pattern in pieces, each still text. */
interface Pieces {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/**
 * GoTrue: a `?` stands for any character, so also for the one that begins the query; `\?` is only that. The pattern is
 * read both ways.
 */
function questionMarks(text: string): readonly Pieces[] {
  const parts = /^([^:/#]+):(\/\/[^/#]*)?([^#]*)(?:#([^]*))?$/.exec(text);
  if (parts === null || !/^[\x21-\x7e]+$/.test(text)) return [{ ...nothing, authority: '@' }];
  const [, scheme = '', authority = '', rest = '', fragment = ''] = parts;
  const pieces = { ...nothing, scheme, authority, path: rest, fragment };
  const splits = [...rest.matchAll(/\\?\?/g)].map(({ index, 0: mark }) => ({
    ...pieces,
    path: rest.slice(0, index),
    query: `\\?${rest.slice(index + mark.length)}`,
  }));
  return rest.includes('\\?') ? splits : [pieces, ...splits];
}

const nothing: Pieces = { scheme: '', authority: '', path: '', query: '', fragment: '' };

function readParts({ scheme, authority, path, query, fragment }: Pieces): RedirectPattern | null {
  const isWebScheme = isWild(scheme) || /^https?$/i.test(scheme);
  if (authority.includes('@') || !isScheme(scheme)) return null;
  const name = authority.slice(2).toLowerCase();
  const [, host = name, port] = isWebScheme ? (/^(\[::1\]|[^:]*?)(?::([^:]*))?$/.exec(name) ?? []) : [];
  if (isWebScheme && host === '') return null;
  // GoTrue: `com.example.app://**` is all of the app.
  const ofApp = name.endsWith('**') ? '**' : '';
  const emptyPath = isWebScheme ? '/' : ofApp;
  const parts = {
    scheme: readGlob(`${scheme.toLowerCase()}:`),
    host: readGlob(host === '[::1]' ? '\\[::1\\]' : host),
    path: readGlob(path || emptyPath),
    query: readGlob(query),
    fragment: readGlob(fragment),
    port: readGlob(port ?? ''),
  };
  if (Object.values(parts).includes(null)) return null;
  const isAnyPort = !isWebScheme || (port === undefined && isThisMachine(host));
  return {
    ...(parts as RedirectPattern),
    isAnyWebScheme: isWild(scheme),
    port: isAnyPort ? null : readGlob(port ?? ''),
  };
}

const isScheme = (scheme: string): boolean =>
  isWild(scheme) || (/^[a-z][a-z0-9+.-]*$/i.test(scheme) && !isUnsafeScheme(`${scheme.toLowerCase()}:`));

const portOf = ({ port, protocol }: URL): string => port || (protocol === 'http:' ? '80' : '443');

/** Whether an address, judged already to be written plainly, fits the pattern in every part. */
export function fitsPattern(url: URL, pattern: RedirectPattern): boolean {
  const { port } = pattern;
  if (pattern.isAnyWebScheme && !isWeb(url)) return false;
  const fitsPort =
    port === null || fitsGlob(port, url.port) || (port.length > 0 && fitsGlob(port, portOf(url)));
  return (
    fitsPort &&
    fitsGlob(pattern.scheme, url.protocol) &&
    fitsGlob(pattern.host, isWeb(url) ? url.hostname : url.host) &&
    fitsGlob(pattern.path, url.pathname) &&
    fitsGlob(pattern.query, url.search) &&
    fitsGlob(pattern.fragment, url.hash.slice(1))
  );
}
