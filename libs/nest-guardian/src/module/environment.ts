import { Logger } from '@nestjs/common';
import { type OptionMistake, OptionsError } from '../core/option.js';
import type { ProviderChoice } from '../core/provider-choice.js';
import type { DatabaseChoice } from '../persistence/database.js';
import { defaultMigrationMode, type MigrationMode } from '../persistence/run-migrations.js';
import { gotrue } from '../providers/gotrue/gotrue.js';
import type { GoTrueOptions } from '../providers/gotrue/gotrue.options.js';
import { ColumnEncryption } from '../tokens/column-encryption.js';
import type { TokenOptions } from '../tokens/token.options.js';
import { unsafeInProduction } from './boot-refusals.js';
import {
  databaseVariables,
  encryptionVariables,
  gotrueVariables,
  localVariables,
  moduleVariables,
  serverVariables,
} from './environment-variables.js';
import { idpsOf } from './environment-idps.js';
import { local, type LocalOptions } from './local.js';
import type { AuthModuleOptions, AuthModuleShape } from './options.js';
import { atVariables, type Environment, isSet, readVariables, type Variable } from './variable.js';

/**
 * The module's options as the environment says them: GoTrue's own variables, and ours, which begin `GUARDIAN_`.
 * `AuthModule.forRoot(optionsFromEnvironment())`. What cannot be read, and a name of ours that there is not, are
 * mistakes like any other, told at boot by the variable's name; variables of GoTrue's that are not served are
 * named in one warning.
 */
export function optionsFromEnvironment(
  env: Environment = process.env,
): AuthModuleOptions & Pick<AuthModuleShape, 'prefix' | 'trustedProxies'> {
  const mistakes: OptionMistake[] = [];
  const { provider, ...shape } = readVariables(moduleVariables, env, mistakes);
  const isRemote = provider === 'gotrue';
  const variables = isRemote ? gotrueVariables : localVariables;
  const given = readVariables(variables, env, mistakes);
  const made = isRemote ? gotrue((given.provider ?? {}) as GoTrueOptions) : local(localOptions(given));
  mistakes.push(...atVariables(made.mistakes, variables, env), ...unknownNames(env));
  return { ...shape, provider: { ...made, mistakes, create: warning(made, unserved(variables, env)) } };
}

type Oauth = { readonly idps?: Parameters<typeof idpsOf>[0] };

const localOptions = ({ encryption, oauth, ...given }: Record<string, unknown>): LocalOptions => ({
  ...given,
  // GoTrue: rows are encrypted only where the environment says so, whatever keys it holds.
  ...(encryption !== undefined && { encryption: { encrypt: false, ...(encryption as object) } }),
  ...(oauth !== undefined && { oauth: { ...(oauth as Oauth), idps: idpsOf((oauth as Oauth).idps ?? {}) } }),
});

export interface ServerOptions {
  readonly port?: number;
  readonly host?: string;
  readonly http?: 'express' | 'fastify';
}

/** Where a server of its own listens, as the environment says it. Mistakes are added, none is thrown. */
export const serverFromEnvironment = (env: Environment, mistakes: OptionMistake[]): ServerOptions =>
  readVariables(serverVariables, env, mistakes);

export interface AccountDatabase {
  /** Undefined for the embedded one in its usual place. */
  readonly database: DatabaseChoice;
  readonly migrations: MigrationMode;
  readonly encryption: ColumnEncryption;
}

/**
 * The account database alone, for commands that need nothing else.
 * @param tokens what the command is about to do with keys, judged as at a start
 * @throws OptionsError, also where the accounts are with a GoTrue server
 */
export function databaseFromEnvironment(
  env: Environment = process.env,
  tokens: TokenOptions = {},
): AccountDatabase {
  const mistakes: OptionMistake[] = [];
  const given = localOptions(readVariables([...databaseVariables, ...encryptionVariables], env, mistakes));
  if (env.GUARDIAN_PROVIDER === 'gotrue') {
    const remedy = 'Run this where GUARDIAN_PROVIDER is local';
    mistakes.push({
      path: 'GUARDIAN_PROVIDER',
      reason: 'says that a GoTrue server has the accounts',
      remedy,
    });
  }
  const found = unsafeInProduction({ tokens, encryption: given.encryption });
  const encryption = ColumnEncryption.from(given.encryption, { path: 'encryption', mistakes: found });
  mistakes.push(...atVariables(found, encryptionVariables, env), ...unknownNames(env));
  if (mistakes.length > 0) throw new OptionsError(mistakes);
  const { database, migrations = defaultMigrationMode() } = given;
  return { database: database as DatabaseChoice, migrations, encryption };
}

const namesOf = (variables: readonly Variable[]): ReadonlySet<string> =>
  new Set(variables.flatMap(({ name, also = [] }) => [name, ...also]));

function unknownNames(env: Environment): OptionMistake[] {
  const known = namesOf([...moduleVariables, ...serverVariables, ...localVariables, ...gotrueVariables]);
  return Object.keys(env)
    .filter((name) => name.startsWith('GUARDIAN_') && !known.has(name))
    .map((name) => ({
      path: name,
      reason: 'is not a variable of nest-guardian',
      remedy: 'Correct its name, which docs/environment.md lists, or leave it out',
    }));
}

/** Variables that are set and that nothing looks at: GoTrue's, and ours for the other provider. */
function unserved(variables: readonly Variable[], env: Environment): string[] {
  const served = namesOf([...moduleVariables, ...serverVariables, ...variables]);
  return Object.keys(env)
    .filter((name) => /^(GOTRUE_|GUARDIAN_|API_EXTERNAL_URL$)/.test(name) && isSet(env, name))
    .filter((name) => !served.has(name))
    .toSorted();
}

const warning =
  ({ create }: ProviderChoice, names: readonly string[]): ProviderChoice['create'] =>
  (context) => {
    if (names.length > 0) new Logger('Auth').warn(`Set, but without effect here: ${names.join(', ')}`);
    return create(context);
  };
