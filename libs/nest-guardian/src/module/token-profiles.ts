import { Inject, Logger, type Provider, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Announcements } from '../core/announcements.js';
import { AuthProvider } from '../core/auth-provider.js';
import { type OptionMistake, OptionsError } from '../core/option.js';
import { Clock } from '../core/ports/clock.js';
import { TokenTracking } from '../core/ports/token-tracking.js';
import { KeyRing } from '../tokens/key-ring.js';
import type { Find, ProfileDefinition } from '../tokens/profile/profile-definition.js';
import { ownKeys, type ProfileKeys } from '../tokens/profile/profile-keys.js';
import { HookChain, type TokenHooks } from '../tokens/profile/token-hooks.js';
import { hasTokenKit, type TokenKit } from '../tokens/profile/token-kit.js';
import { TokenProfile } from '../tokens/profile/token-profile.js';
import { TokenProfiles } from '../tokens/profile/token-profiles.js';
import { instanceOf, once } from './nest-parts.js';

/** The `TokenProfile` that a definition stands for. */
export type TokensOf<D> =
  D extends ProfileDefinition<infer Type, infer Resource, infer Permission, infer Purpose>
    ? TokenProfile<Type, Resource, Permission, Purpose>
    : never;

const tokenOf = (name: string): symbol => Symbol.for(`nest-guardian.tokens.${name}`);

/**
 * Injects the tokens of a profile, by its definition or its name:
 * `constructor(@InjectTokens(deviceTokens) private readonly tokens: TokensOf<typeof deviceTokens>)`.
 */
export const InjectTokens = (
  profile: string | Pick<ProfileDefinition, 'name'>,
): ParameterDecorator & PropertyDecorator =>
  Inject(tokenOf(typeof profile === 'string' ? profile : profile.name));

/** What is injected of each profile, and all of them together for the guard. */
export function profileProviders(definitions: readonly ProfileDefinition[]): Provider[] {
  return [
    { provide: TokenTracking, useValue: null },
    {
      provide: TokenProfiles,
      useFactory: (...parts: Surroundings) => makeProfiles(definitions, parts),
      inject: [Clock, Announcements, AuthProvider, TokenTracking, ModuleRef],
    },
    ...definitions.map(({ name }) => ({
      provide: tokenOf(name),
      useFactory: (profiles: TokenProfiles) => profiles.require(name),
      inject: [TokenProfiles],
    })),
  ];
}

export const profileTokens = (definitions: readonly ProfileDefinition[]): symbol[] =>
  definitions.map(({ name }) => tokenOf(name));

type Surroundings = [Clock, Announcements, AuthProvider, TokenTracking | null, ModuleRef];

function makeProfiles(
  definitions: readonly ProfileDefinition[],
  [clock, announcements, provider, overridden, moduleRef]: Surroundings,
): TokenProfiles {
  const mistakes: OptionMistake[] = mistakesOfNames(definitions);
  const kit = hasTokenKit(provider) ? provider.tokenKit : null;
  const tracking = overridden ?? kit?.tracking ?? null;
  const logger = new Logger('Auth');
  const profiles = definitions.map((definition) => {
    const { name, settings, permissions, given } = definition;
    if (tracking === null) mistakes.push(...mistakesOfTracking(definition));
    const onFailure = (hook: string, cause: unknown): void =>
      logger.error(`The hook ${hook} of the token profile ${name} failed`, cause);
    return new TokenProfile({
      settings,
      given,
      permissions,
      keys: keysOf(definition, kit, mistakes),
      tracking,
      clock,
      hooks: new HookChain(hooksOf(given.hooks, moduleRef), onFailure),
      find: ((token) => moduleRef.get(token as Type, { strict: false })) as Find,
      tell: announcements.tell.bind(announcements),
      noteImpersonation: kit && ((impersonation) => kit.noteImpersonation(impersonation)),
    });
  });
  if (mistakes.length > 0) throw new OptionsError(mistakes);
  return new TokenProfiles(profiles);
}

function mistakesOfNames(definitions: readonly ProfileDefinition[]): OptionMistake[] {
  const names = definitions.map(({ name }) => name);
  return names
    .filter((name, index) => names.indexOf(name) !== index)
    .map((name) => ({
      path: `profiles.${name}`,
      reason: 'is there twice',
      remedy: 'Give each its own name',
    }));
}

function mistakesOfTracking({ name, settings }: ProfileDefinition): OptionMistake[] {
  const remedy = "Use local(...), override the port TokenTracking, or leave it out ('tracking: false')";
  const needs = [
    ...(settings.tracked.size > 0 ? ['tracking'] : []),
    ...(settings.oneTime.size > 0 ? ['oneTime'] : []),
  ];
  return needs.map((option) => ({
    path: `profiles.${name}.${option}`,
    reason: 'needs rows, and this provider keeps none',
    remedy,
  }));
}

function keysOf(
  { name, given }: ProfileDefinition,
  kit: TokenKit | null,
  mistakes: OptionMistake[],
): ProfileKeys {
  const path = `profiles.${name}.keys`;
  if (given.keys !== null) {
    const keys = typeof given.keys === 'function' ? given.keys() : given.keys;
    const found: OptionMistake[] = [];
    const ring = KeyRing.from(keys ?? {}, path, found);
    mistakes.push(...found);
    return ownKeys(ring);
  }
  if (kit !== null) return kit.keysFor(name);
  const remedy = 'Give keys of its own: those of the module are elsewhere';
  mistakes.push({ path, reason: 'are missing', remedy });
  return ownKeys(KeyRing.from({ signWith: 'kept' }, path, []));
}

function hooksOf(
  classes: ProfileDefinition['given']['hooks'],
  moduleRef: ModuleRef,
): (() => Promise<readonly TokenHooks[]>) | null {
  if (classes.length === 0) return null;
  return once(() => Promise.all(classes.map((type) => instanceOf(type as Type<TokenHooks>, moduleRef))));
}
