import type { DataSource } from 'typeorm';
import { type OptionMistake, OptionsError } from '../core/option.js';
import { isPatternMistake, readRedirectPattern } from '../core/redirect-pattern.js';
import { isThisMachine, isWeb } from '../core/redirect-url.js';
import type { SiteSettings } from '../features/site/site.options.js';
import { type EncryptionOptions, encrypts } from '../tokens/column-encryption.js';
import type { TokenOptions } from '../tokens/token.options.js';

export const isProduction = (): boolean => process.env.NODE_ENV === 'production';

interface Judged {
  readonly tokens?: TokenOptions;
  readonly encryption?: EncryptionOptions;
}

/** Options that work, and that production must not be run with. */
export function unsafeInProduction({ tokens = {}, encryption }: Judged): OptionMistake[] {
  const mistakes: OptionMistake[] = [];
  if (!isProduction()) return mistakes;
  if (/^http:/i.test(String(tokens.issuer))) {
    mistakes.push({
      path: 'tokens.issuer',
      reason: 'is an http address, in production',
      remedy: 'Give the https address that people reach this server by',
    });
  }
  if (tokens.signWith === 'kept' && !encrypts(encryption)) {
    mistakes.push({
      path: 'encryption.encrypt',
      reason: 'is off, and production would keep its signing keys in the clear',
      remedy: 'Give a key under encryption.keys, its name as encryption.keyId, and switch encryption on',
    });
  }
  return mistakes;
}

type Site = Pick<SiteSettings, 'url' | 'apiUrl' | 'allowedRedirects'>;

/** Addresses that no link could be built on, and lists of redirects that lead anywhere or that nobody can read. */
export function mistakesOfSite({ url, apiUrl, allowedRedirects }: Site): OptionMistake[] {
  const ofPatterns = allowedRedirects.flatMap((pattern, index) => {
    const read = readRedirectPattern(pattern);
    return isPatternMistake(read) ? [{ path: `site.allowedRedirects[${index}]`, ...read }] : [];
  });
  return [...mistakeOfPlace('site.url', url), ...mistakeOfPlace('site.apiUrl', apiUrl), ...ofPatterns];
}

function mistakeOfPlace(path: string, text: string): OptionMistake[] {
  if (text === '') return [];
  if (!isPlace(text)) {
    const remedy = 'Write it like https://app.example.com, without a user, a query or a fragment';
    return [{ path, reason: 'is not the address of a site', remedy }];
  }
  const { protocol, hostname } = new URL(text);
  if (protocol === 'https:' || isThisMachine(hostname) || !isProduction()) return [];
  // Links to it carry sessions, which anybody on the way could read.
  const remedy = 'Give the https address that people reach it by';
  return [{ path, reason: 'is an http address, in production', remedy }];
}

const isPlace = (text: string): boolean =>
  /^https?:\/\/[^\s\\@?#]+$/i.test(text) && URL.canParse(text) && isWeb(new URL(text));

/**
 * Refuses a DataSource that would change tables with accounts in them to fit whatever the code says.
 * @throws OptionsError
 */
export function requireNoSynchronize({ options, isInitialized, entityMetadatas }: DataSource): void {
  // One that is not initialized yet does not say what is in it.
  const isCovered = !isInitialized || entityMetadatas.some(({ schema }) => schema === 'auth');
  if (!isProduction() || options.synchronize !== true || !isCovered) return;
  throw new OptionsError([
    {
      path: 'database.synchronize',
      reason: 'is on in production, for a DataSource with the tables of schema auth',
      remedy: 'Switch it off and use migrations',
    },
  ]);
}
