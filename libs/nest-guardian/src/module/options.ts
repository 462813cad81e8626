import type { Type } from '@nestjs/common';
import type { OptionMistake } from '../core/option.js';
import type { AccountWork } from '../core/ports/account-work.js';
import type { AuditSink } from '../core/ports/audit-sink.js';
import type { CustomClaims } from '../core/ports/custom-claims.js';
import type { ProviderChoice } from '../core/provider-choice.js';
import type { FallbackOptions } from '../http/fallback/fallback-options.js';
import type { ProfileDefinition } from '../tokens/profile/profile-definition.js';

/** What may come out of a factory: who answers. */
export interface AuthModuleOptions {
  /** `local(...)` of `nest-guardian/local`, `gotrue(...)`, or a choice of your own. The one line that swaps them. */
  readonly provider: ProviderChoice;
}

/** What shapes the module, and therefore stands beside `useFactory`, never comes out of it. */
export interface AuthModuleShape {
  /**
   * Where the GoTrue API is mounted; `''` or `'/'` for the root.
   * @default 'auth/v1'
   */
  readonly prefix?: string;
  /**
   * Whether `AccessGuard` guards every route of the application. When off, use `@UseGuards(AccessGuard)`.
   * @default true
   */
  readonly guard?: boolean;
  /**
   * Whether the module's exports are there in every module without importing it again.
   * @default true
   */
  readonly isGlobal?: boolean;
  /** Fallback filter and interceptor; `false` leaves both out. By default they take only our own failures. */
  readonly fallback?: FallbackOptions | false;
  /**
   * The name under which the Passport strategy is registered, or `false` for none.
   * @default 'jwt'
   */
  readonly passport?: string | false;
  /**
   * How many proxies of your own stand in front, for reading `X-Forwarded-For`. 0 believes nobody.
   * @default 0
   */
  readonly trustedProxies?: number;
  /**
   * Classes that write rows of the application's own in the same transaction as accounts change, in the order in
   * which they are called. Providers of the application, or classes that inject only what is global. For `local(...)`.
   */
  readonly accountWork?: readonly Type<AccountWork>[];
  /** The class that adds claims to access tokens. For `local(...)`. */
  readonly customClaims?: Type<CustomClaims>;
  /** The class that ships the audit trail elsewhere. For `local(...)`. */
  readonly auditSink?: Type<AuditSink>;
  /** Tokens of the application's own, as `defineTokenProfile` returns them. */
  readonly profiles?: readonly ProfileDefinition[];
}

type Parts = 'accountWork' | 'customClaims' | 'auditSink';

export type FullShape = Required<Omit<AuthModuleShape, Parts>> & Pick<AuthModuleShape, Parts>;

export const OPTIONS = Symbol.for('nest-guardian.OPTIONS');
export const SHAPE = Symbol.for('nest-guardian.SHAPE');

export const defaultShape: FullShape = {
  prefix: 'auth/v1',
  guard: true,
  isGlobal: true,
  fallback: {},
  passport: 'jwt',
  trustedProxies: 0,
  accountWork: [],
  customClaims: undefined,
  auditSink: undefined,
  profiles: [],
};

export const prefixRemedy = "Write it like 'auth/v1', or '/' for the root";
export const isPrefix = (value: unknown): boolean =>
  typeof value === 'string' && /^\/?([\w.~-]+(\/[\w.~-]+)*)?\/?$/.test(value);

export const proxiesRemedy = 'Say how many proxies of your own stand in front, 0 to 16';
export const isProxyCount = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 16;

/** Everything wrong with the shape and the provider's options, in the order of writing. */
export function mistakesIn(options: Partial<AuthModuleOptions>, shape: FullShape): readonly OptionMistake[] {
  const mistakes: OptionMistake[] = [];
  if (!isPrefix(shape.prefix)) {
    mistakes.push({ path: 'prefix', reason: 'is not a path', remedy: prefixRemedy });
  }
  if (!isProxyCount(shape.trustedProxies)) {
    mistakes.push({ path: 'trustedProxies', reason: 'is not a count', remedy: proxiesRemedy });
  }
  mistakes.push(...mistakesOfParts(shape));
  if (typeof options?.provider?.create !== 'function') {
    mistakes.push({
      path: 'provider',
      reason: 'is missing or is not a provider',
      remedy: "Give local() from 'nest-guardian/local' or gotrue() from 'nest-guardian'",
    });
  }
  return [...mistakes, ...(options?.provider?.mistakes ?? [])];
}

function mistakesOfParts({ accountWork, customClaims, auditSink }: FullShape): readonly OptionMistake[] {
  const isClass = (value: unknown): boolean => typeof value === 'function';
  const remedy = 'Give the class itself, and Nest makes it';
  const mistakes: OptionMistake[] = [];
  if (!Array.isArray(accountWork ?? []) || !(accountWork ?? []).every(isClass))
    mistakes.push({ path: 'accountWork', reason: 'is not a list of classes', remedy });
  for (const [path, part] of Object.entries({ customClaims, auditSink })) {
    if (part !== undefined && !isClass(part)) mistakes.push({ path, reason: 'is not a class', remedy });
  }
  return mistakes;
}
