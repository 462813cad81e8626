import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type NestModule,
  type OnApplicationShutdown,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import { hearAll } from '../contexts/heard.js';
import { GlobalInterceptor } from '../contexts/global-interceptor.js';
import { Announcements } from '../core/announcements.js';
import { AuthProvider } from '../core/auth-provider.js';
import { assuranceChanged, sessionsEnded } from '../core/event.js';
import { OptionsError } from '../core/option.js';
import { ApplicationParts } from '../core/ports/application-parts.js';
import { Api } from '../http/api.js';
import { Gate } from '../http/gate.js';
import { mount } from '../http/mount.js';
import { TokenProfiles } from '../tokens/profile/token-profiles.js';
import { allFeatures } from './features.js';
import { injectables } from './injectables.js';
import { NestParts } from './nest-parts.js';
import {
  type AuthModuleOptions,
  type AuthModuleShape,
  defaultShape,
  type FullShape,
  OPTIONS,
  SHAPE,
} from './options.js';
import { areMessagesHeard, gatewaysMadeAnew, methodsIn, mistakesInHandlers } from './handler-audit.js';
import { mistakesInProfiles } from './route-audit.js';

const builder = new ConfigurableModuleBuilder<AuthModuleOptions>({
  moduleName: 'Auth',
  optionsInjectionToken: OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createAuthOptions')
  .setExtras<AuthModuleShape>(defaultShape, (definition, extras): DynamicModule => {
    const shape: FullShape = { ...defaultShape, ...extras };
    const { providers, exports } = injectables(shape, wantedBy(definition));
    return {
      ...definition,
      global: shape.isGlobal,
      imports: [...(definition.imports ?? []), DiscoveryModule],
      providers: [...(definition.providers ?? []), ...providers],
      exports,
    };
  });

const { ConfigurableModuleClass } = builder.build();

/** The injection tokens that the provider needs; known only where the options are given at once. */
function wantedBy({ providers = [] }: DynamicModule): readonly never[] {
  const given = providers.find((provider) => 'provide' in provider && provider.provide === OPTIONS);
  const options =
    given && 'useValue' in given ? (given.useValue as Partial<AuthModuleOptions> | undefined) : undefined;
  return (options?.provider?.inject ?? []) as readonly never[];
}

const applications = new WeakSet<HttpAdapterHost>();

/** Of two there would be two guards, and no token that both let in. */
function requireOnce(application: HttpAdapterHost): void {
  if (applications.has(application)) {
    const remedy = 'Import it once, in the root module; other modules may inject what it exports';
    throw new OptionsError([{ path: 'AuthModule', reason: 'is there twice', remedy }]);
  }
  applications.add(application);
}

/**
 * Accounts, sessions and a guard: `AuthModule.forRoot({ provider: local() })`. Import it once, in the root module.
 * @throws OptionsError at boot, naming everything that is wrong with the options
 */
@Module({})
export class AuthModule
  extends ConfigurableModuleClass
  implements NestModule, OnModuleInit, OnApplicationShutdown
{
  constructor(
    private readonly provider: AuthProvider,
    private readonly gate: Gate,
    private readonly announcements: Announcements,
    private readonly adapterHost: HttpAdapterHost,
    private readonly parts: ApplicationParts,
    private readonly discovery: DiscoveryService,
    private readonly profiles: TokenProfiles,
    @Inject(SHAPE) private readonly shape: FullShape,
    @Optional() @Inject(GlobalInterceptor) private readonly interceptor: GlobalInterceptor | null = null,
  ) {
    super();
    for (const { type } of methodsIn(discovery)) hearAll(type);
    // Without HTTP nobody asks for middleware.
    if (!adapterHost.httpAdapter || !areMessagesHeard(discovery)) interceptor?.bind();
  }

  configure(): void {
    this.interceptor?.bind();
  }

  async onModuleInit(): Promise<void> {
    requireOnce(this.adapterHost);
    this.requireSense();
    if (this.parts instanceof NestParts) await this.parts.findAll();
    await this.profiles.prepare();
    this.announcements.on(sessionsEnded, (ended) => {
      this.gate.forget(ended);
      this.profiles.forgetSessions(ended.sessionIds);
    });
    this.announcements.on(assuranceChanged, ({ userId }) => this.gate.forget({ userId, sessionIds: 'all' }));
    const offers = allFeatures.flatMap((feature) => feature.offers);
    const prefix = this.shape.prefix.replace(/^\/+|\/+$/g, '');
    const { trustedProxies } = this.shape;
    const logger = new Logger('Auth');
    mount(new Api(this.provider, offers, { prefix, trustedProxies, logger }), this.adapterHost);
  }

  /** Once more than before the provider was made: by now it is known whether there is HTTP, and what GraphQL was told. */
  private requireSense(): void {
    const { discovery, adapterHost, shape, profiles } = this;
    const mistakes = [
      ...mistakesInHandlers({ discovery, adapterHost, guard: shape.guard }),
      ...mistakesInProfiles(discovery, profiles),
      ...gatewaysMadeAnew(discovery),
    ];
    if (mistakes.length > 0) throw new OptionsError(mistakes);
  }

  async onApplicationShutdown(): Promise<void> {
    await (this.provider as { close?(): Promise<void> }).close?.();
  }
}
