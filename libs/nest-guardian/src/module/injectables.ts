import type { Server } from 'node:http';
import { type DynamicModule, Logger, type Provider } from '@nestjs/common';
import { APP_GUARD, DiscoveryService, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { Announcements } from '../core/announcements.js';
import { AuthProvider } from '../core/auth-provider.js';
import { OptionsError } from '../core/option.js';
import { ApplicationParts } from '../core/ports/application-parts.js';
import { Clock, SystemClock } from '../core/ports/clock.js';
import { Mailer } from '../core/ports/mailer.js';
import { PasswordHasher } from '../core/ports/password-hasher.js';
import { Persistence } from '../core/ports/persistence.js';
import { SmsSender } from '../core/ports/sms-sender.js';
import { AccessGuard } from '../contexts/access.guard.js';
import { FallbackFilter } from '../contexts/fallback.filter.js';
import { fallbackParts, fallbackProviders } from '../contexts/fallback-providers.js';
import { SessionWatch } from '../contexts/session-watch.js';
import { SocketDoor } from '../contexts/socket-door.js';
import { FALLBACK_OPTIONS } from '../http/fallback/fallback-options.js';
import { Gate } from '../http/gate.js';
import { GoTrueStrategy, JwtStrategy, PASSPORT_NAME, TokenGate } from '../passport/strategies.js';
import { PrincipalCache } from '../tokens/principal-cache.js';
import { TokenProfiles } from '../tokens/profile/token-profiles.js';
import { Auth } from './auth.js';
import { mistakesInHandlers } from './handler-audit.js';
import { KeptIdpTokens } from './kept-idp-tokens.js';
import { NestParts } from './nest-parts.js';
import { PersonGate } from './person-gate.js';
import { type AuthModuleOptions, type FullShape, mistakesIn, OPTIONS, SHAPE } from './options.js';
import { profileProviders, profileTokens } from './token-profiles.js';

/** Ports that the local provider brings itself. Null here means that the application overrode none of them. */
const ports = [PasswordHasher, Persistence, Mailer, SmsSender];

/** What every provider may be made of. */
const always = [Clock, Announcements, HttpAdapterHost, DiscoveryService, ApplicationParts];

const exported = [
  Auth,
  KeptIdpTokens,
  AuthProvider,
  AccessGuard,
  Gate,
  Clock,
  Announcements,
  TokenProfiles,
  SessionWatch,
  SocketDoor,
  // Nest makes what a gateway binds in the gateway's own module, so what it is made of has to be seen there.
  FALLBACK_OPTIONS,
  FallbackFilter,
];

/**
 * Everything the module registers, and what of it the application may inject.
 * @param wanted injection tokens of the application's own that the provider asked for
 */
export function injectables(
  shape: FullShape,
  wanted: readonly never[],
): Required<Pick<DynamicModule, 'providers' | 'exports'>> {
  const found = [...always, ...ports, ...wanted];
  return {
    providers: [
      { provide: SHAPE, useValue: shape },
      { provide: Clock, useClass: SystemClock },
      { provide: Announcements, useFactory: makeAnnouncements },
      {
        provide: ApplicationParts,
        useFactory: (moduleRef: ModuleRef) => new NestParts(moduleRef, shape),
        inject: [ModuleRef],
      },
      ...ports.map((port) => ({ provide: port, useValue: null })),
      {
        provide: AuthProvider,
        useFactory: (options: AuthModuleOptions, ...values: unknown[]) =>
          makeProvider(options, shape, new Map(found.map((token, i) => [token as unknown, values[i]]))),
        inject: [OPTIONS, ...found],
      },
      { provide: PrincipalCache, useFactory: () => new PrincipalCache() },
      sessionWatch,
      socketDoor,
      { provide: Gate, useFactory: makeGate, inject: [AuthProvider, PrincipalCache, Clock] },
      { provide: TokenGate, useFactory: (gate: Gate) => new PersonGate(gate), inject: [Gate] },
      ...profileProviders(shape.profiles),
      Auth,
      KeptIdpTokens,
      AccessGuard,
      ...(shape.guard ? [{ provide: APP_GUARD, useExisting: AccessGuard }] : []),
      ...strategies(shape),
      ...fallback(shape),
    ],
    exports: [...exported, ...profileTokens(shape.profiles)],
  };
}

const strategies = ({ passport }: FullShape): Provider[] =>
  passport === false ? [] : [{ provide: PASSPORT_NAME, useValue: passport }, JwtStrategy, GoTrueStrategy];

const fallback = ({ fallback: options }: FullShape): Provider[] =>
  options === false ? fallbackParts() : fallbackProviders(options);

const sessionWatch: Provider = {
  provide: SessionWatch,
  useFactory: (gate: Gate, profiles: TokenProfiles, ...[clock, announcements]: [Clock, Announcements]) =>
    new SessionWatch({ gate, profiles }, clock, announcements),
  inject: [Gate, TokenProfiles, Clock, Announcements],
};

const socketDoor: Provider = {
  provide: SocketDoor,
  useFactory: (guard: AccessGuard, fallback: FallbackFilter, ...[watch, clock]: [SessionWatch, Clock]) =>
    new SocketDoor({ guard, fallback, watch }, clock),
  inject: [AccessGuard, FallbackFilter, SessionWatch, Clock],
};

const makeGate = (provider: AuthProvider, cache: PrincipalCache, clock: Clock) =>
  new Gate(provider, cache, clock);

function makeAnnouncements(): Announcements {
  const logger = new Logger('Auth');
  return new Announcements((name, error) => logger.error(`A listener of ${name} failed`, error));
}

async function makeProvider(
  options: AuthModuleOptions,
  shape: FullShape,
  found: ReadonlyMap<unknown, unknown>,
): Promise<AuthProvider> {
  // Before anything listens, be it a microservice that is started before the application is.
  const discovery = found.get(DiscoveryService) as DiscoveryService;
  const adapterHost = found.get(HttpAdapterHost) as HttpAdapterHost;
  const mistakes = [
    ...mistakesIn(options, shape),
    ...mistakesInHandlers({ discovery, adapterHost, guard: shape.guard }),
  ];
  if (mistakes.length > 0) throw new OptionsError(mistakes);
  const logger = new Logger('Auth');
  return options.provider.create({
    clock: found.get(Clock) as Clock,
    announcements: found.get(Announcements) as Announcements,
    find: <T>(token: unknown) => (found.get(token) ?? undefined) as T | undefined,
    log: (message) => logger.log(message),
    listensAt: () => addressOf(adapterHost),
    prefix: shape.prefix.replace(/^\/+|\/+$/g, ''),
  });
}

/** Where the application's server listens, as people on this machine reach it. */
function addressOf({ httpAdapter }: HttpAdapterHost): string | null {
  const server = httpAdapter?.getHttpServer() as Server | undefined;
  const address = server?.address?.();
  return address && typeof address === 'object' ? `http://localhost:${address.port}` : null;
}
