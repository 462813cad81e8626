import { OptionsError } from '../../core/option.js';
import type { GivenKeys } from '../key-ring.js';
import type { PermissionEncoding, PermissionSet } from './permissions.js';
import { type ProfileSettings, readProfile } from './read-profile.js';
import type { VerifiedClaims } from './token-claims.js';
import type { TokenHooks } from './token-hooks.js';

/** How long tokens of a type live. */
export interface Lifetimes {
  /** How long a token opens doors. */
  readonly lifetime: string;
  /**
   * How long after it was made a token can be refreshed, although it has expired: who is idle for longer starts anew.
   * Left out, until it expires.
   */
  readonly sliding?: string;
  /** When refreshing ends, whatever anybody does; counted from the first token. Left out, never. */
  readonly absolute?: string;
}

export type TypesGiven = Readonly<Record<string, string | Lifetimes>>;

/** Finds something of the application's by its injection token. */
export type Find = <T>(token: abstract new (...args: never[]) => T) => T;

type HookClass = abstract new (...args: never[]) => TokenHooks;
type Names<T> = keyof T & string;

/** What is written of a profile. Give `subject` the resource's type, and the rest follows. */
export interface ProfileGiven<
  Types extends TypesGiven,
  Resource,
  Permission extends string,
  OneTime extends Readonly<Record<string, string>>,
> {
  /** What the profile is called where it is injected and in its tokens. */
  readonly name: string;
  /**
   * The `iss` claim. Give your own address where others verify these tokens.
   * @default 'nest-guardian'
   */
  readonly issuer?: string;
  /** The `aud` claim: for whom these tokens are. No other profile should have it. */
  readonly audience: string;
  /**
   * Keys of its own. Left out, those of `local(...)`, as they rotate: of a shared secret another is derived, and public
   * keys are shared, so that whoever else verifies with them has to look at `aud` and at the header's `typ`.
   */
  readonly keys?: GivenKeys | (() => GivenKeys);
  /** The types of token, with how long they live: `{ access: '15m', refresh: '30d' }`. */
  readonly types: Types;
  /** The type of those who say none. */
  readonly defaultType: NoInfer<Names<Types>>;
  /** Which type can be exchanged for which. What is not here cannot. */
  readonly exchange?: { readonly [T in NoInfer<Names<Types>>]?: readonly NoInfer<Names<Types>>[] };
  /**
   * The types that `refresh` takes. Each has a row, so that one which is shown twice is found out.
   * @default the types that can be exchanged and have a row
   */
  readonly refreshable?: readonly NoInfer<Names<Types>>[];
  /** The `sub` claim of a resource. */
  readonly subject: (resource: Resource) => string;
  /** Whom a token was made for, as it is now, or null when there is nobody. Asked at resolve, refresh and exchange. */
  readonly resolve: (claims: VerifiedClaims, find: Find) => Resource | null | Promise<Resource | null>;
  /** What tokens may permit. */
  readonly permissions?: PermissionSet<Permission>;
  /** What this resource may do now. Asked whenever a token is made, so that nothing is carried on that was taken away. */
  readonly grant?: (
    resource: NoInfer<Resource>,
    find: Find,
  ) => readonly NoInfer<Permission>[] | Promise<readonly NoInfer<Permission>[]>;
  /**
   * How permissions are written: one bit each, or their names.
   * @default 'bits'
   */
  readonly permissionEncoding?: PermissionEncoding;
  /**
   * Which types have a row each, so that they can be taken back, refreshed and counted; `false` for none. With
   * `reuseWindow` (a minute at most), a token that is refreshed twice within that time is refused without revoking its line: for clients
   * that do it in two tabs.
   * @default the types that can be exchanged or refreshed
   */
  readonly tracking?:
    { readonly types?: readonly NoInfer<Names<Types>>[]; readonly reuseWindow?: string } | false;
  /** Purposes of one-time tokens, with how long they live: `{ pairing: '10m' }`. */
  readonly oneTime?: OneTime;
  /**
   * How far clocks may be apart; at most a minute.
   * @default '0s'
   */
  readonly clockTolerance?: string;
  /** How long ago the first token of a line may have been made, wherever nothing else is said. */
  readonly maxAge?: string;
  /** Classes that are asked whenever something happens to a token, in this order. */
  readonly hooks?: readonly HookClass[];
}

declare const resourceOf: unique symbol;

/** A profile of tokens, to be registered with `AuthModule.forRoot({ profiles: [...] })`. */
export interface ProfileDefinition<
  Type extends string = string,
  Resource = unknown,
  Permission extends string = string,
  Purpose extends string = string,
> {
  readonly name: string;
  readonly settings: ProfileSettings;
  readonly permissions: PermissionSet<Permission> | null;
  readonly given: {
    readonly keys: GivenKeys | (() => GivenKeys) | null;
    readonly hooks: readonly HookClass[];
    subject(resource: unknown): string;
    resolve(claims: VerifiedClaims, find: Find): unknown;
    grant(resource: unknown, find: Find): unknown;
  };
  /** For types only. */
  readonly [resourceOf]?: { readonly type: Type; readonly resource: Resource; readonly purpose: Purpose };
}

/**
 * Declares tokens of an application's own: for devices, for webhooks, for anything that is not a person's session.
 * @throws OptionsError naming everything that is wrong with it
 */
export function defineTokenProfile<
  const Types extends TypesGiven,
  Resource,
  Permission extends string = never,
  const OneTime extends Readonly<Record<string, string>> = Record<never, string>,
>(
  given: ProfileGiven<Types, Resource, Permission, OneTime>,
): ProfileDefinition<Names<Types>, Resource, Permission, Names<OneTime>> {
  const { settings, mistakes } = readProfile(given as unknown as AnyProfileGiven);
  if (mistakes.length > 0) throw new OptionsError(mistakes);
  const { subject, resolve, grant, keys = null, hooks = [], permissions = null } = given;
  return Object.freeze({
    name: settings.name,
    settings,
    permissions,
    given: {
      keys,
      hooks,
      subject: (resource: unknown) => subject(resource as Resource),
      resolve: (claims: VerifiedClaims, find: Find) => resolve(claims, find),
      grant: (resource: unknown, find: Find) => grant?.(resource as Resource, find) ?? [],
    },
  });
}

/** A profile as it is read, when nothing is known of it yet. */
export type AnyProfileGiven = ProfileGiven<TypesGiven, unknown, string, Readonly<Record<string, string>>>;
