import type { DataSource } from 'typeorm';
import { type OptionMistake, OptionsError } from '../core/option.js';
import type { EncryptionOptions } from '../tokens/column-encryption.js';
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
  if (tokens.signWith === 'kept' && (encryption === undefined || encryption.encrypt === false)) {
    mistakes.push({
      path: 'encryption.encrypt',
      reason: 'is off, and production would keep its signing keys in the clear',
      remedy: 'Give a key under encryption.keys, its name as encryption.keyId, and switch encryption on',
    });
  }
  return mistakes;
}

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
