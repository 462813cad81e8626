import type { Type } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import type { DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import { MetadataScanner } from '@nestjs/core';
import { AccessGuard } from '../contexts/access.guard.js';
import { guardedConnectionsOf, takesEvents } from '../contexts/auth-gateway.js';
import { takesMessages } from '../contexts/auth-messages.js';
import { isHeard } from '../contexts/heard.js';
import type { OptionMistake } from '../core/option.js';
import { askedOn, type Requirements, requirementsOf } from '../http/requirements.js';
import { contradictionsOn, writtenOn } from './contradictions.js';

/** What Nest writes on classes and handlers; the packages that write it are optional. */
const isGateway = (type: object): boolean => Reflect.hasMetadata('websockets:is_gateway', type);
const rootTypes: readonly unknown[] = ['Query', 'Mutation', 'Subscription'];
const resolvesField = (handler: object): boolean =>
  ['graphql:resolve_property', 'graphql:resolve_reference'].some((key) =>
    Reflect.hasMetadata(key, handler),
  ) || !rootTypes.includes(Reflect.getMetadata('graphql:resolver_type', handler) ?? 'Query');

/** One method of a class that Nest makes. */
export interface Method {
  readonly type: Type;
  readonly handler: object;
  /** As a developer would look for it: `NotesGateway.onAdd`. */
  readonly path: string;
}

interface Made {
  readonly type: Type;
  /** Missing while it is not made yet. */
  readonly instance?: object;
  readonly methods: readonly Method[];
}

const scanner = new MetadataScanner();

function classesIn(discovery: DiscoveryService): readonly Made[] {
  const classes = new Map<Type, Made>();
  for (const { metatype, instance } of [...discovery.getControllers(), ...discovery.getProviders()]) {
    if (typeof metatype !== 'function' || typeof metatype.prototype !== 'object') continue;
    const type = metatype as Type;
    const prototype = type.prototype as Record<string, object>;
    const methods = scanner
      .getAllMethodNames(prototype)
      .map((name) => ({ type, handler: prototype[name] as object, path: `${type.name}.${name}` }));
    classes.set(type, { type, instance: instance as object | undefined, methods });
  }
  return [...classes.values()];
}

/** All methods of controllers and providers, inherited ones included. */
export const methodsIn = (discovery: DiscoveryService): readonly Method[] =>
  classesIn(discovery).flatMap(({ methods }) => methods);

/** Whether handlers of messages hear all failures without an interceptor. */
export const areMessagesHeard = (discovery: DiscoveryService): boolean =>
  methodsIn(discovery).every(
    ({ type, handler }) => !(takesEvents(handler) || takesMessages(handler)) || isHeard(type, handler),
  );

/** What is known of the application by now. */
export interface Audited {
  readonly discovery: DiscoveryService;
  readonly adapterHost: HttpAdapterHost;
  /** Whether the application wants everything guarded. */
  readonly guard: boolean;
}

/**
 * Finds what would be open although it does not say so, and decorators that protect nothing: gateways and handlers of
 * messages past the guard, fields that GraphQL asks no guard for, decorators that contradict each other, and those on
 * methods that nobody calls from outside. Nothing is demanded of an application with `guard: false` but sense.
 */
export function mistakesInHandlers({ discovery, adapterHost, guard }: Audited): OptionMistake[] {
  const isHybrid = Boolean(adapterHost.httpAdapter);
  const areFieldsOpen = fieldsAreOpen(discovery);
  return classesIn(discovery).flatMap((made) => [
    ...(guard ? openGateway(made) : []),
    // Elsewhere global guards hold; whether a hybrid's do, `inheritAppConfig` says to nobody.
    ...(guard && isHybrid ? openMessages(made) : []),
    ...(areFieldsOpen ? openFields(made) : []),
    ...senseless(made),
  ]);
}

/** Nest calls them by their names, off the instance. */
const hooks = ['handleConnection', 'handleDisconnect'];

function openGateway({ type, instance, methods }: Made): OptionMistake[] {
  if (!isGateway(type)) return [];
  const properties = hooks.filter((name) => Object.hasOwn(instance ?? {}, name));
  if (properties.length > 0) {
    const reason = 'is a property, which no decorator can put under the guard';
    return properties.map((name) => ({
      path: `${type.name}.${name}`,
      reason,
      remedy: 'Write it as a method',
    }));
  }
  if (guardedConnectionsOf(type.prototype)) return [];
  const isCalled = ({ handler, path }: Method): boolean =>
    takesEvents(handler) || hooks.some((name) => path === `${type.name}.${name}`);
  const paths = methods.filter(isCalled).map(({ path }) => path);
  return (paths.length === 0 ? [type.name] : paths).map((path) => ({
    path,
    reason: 'would be open to anybody, since Nest puts connections of gateways under no guard',
    remedy: 'Write @AuthGateway() on the class, and @Public() beside it where that is meant',
  }));
}

/**
 * Gateways that Nest makes for each socket: while it does, which may take long, a stranger's messages would come before
 * the stranger does. Cannot be asked before everything is made, since Nest remembers what it answered.
 */
export const gatewaysMadeAnew = (discovery: DiscoveryService): OptionMistake[] =>
  discovery
    .getProviders()
    .filter(
      ({ metatype }) => typeof metatype === 'function' && guardedConnectionsOf(metatype.prototype ?? {}),
    )
    .filter((wrapper) => !wrapper.isDependencyTreeStatic())
    .map(({ name }) => ({
      path: String(name),
      reason: 'is made anew for each socket, so that messages could come before it is known whose they are',
      remedy: 'Let neither it nor what it injects be request-scoped',
    }));

const openMessages = ({ type, methods }: Made): OptionMistake[] =>
  methods
    .filter(({ handler }) => takesMessages(handler) && !isBound(type) && !isBound(handler))
    .map(({ path }) => ({
      path,
      reason: 'would be open to anybody, since Nest gives messages beside HTTP none of the global guards',
      remedy: 'Write @AuthMessages() on the class, and @Public() beside it where that is meant',
    }));

/** Whether `@UseGuards(AccessGuard)` stands on it, which `@AuthMessages()` consists of. */
function isBound(target: object): boolean {
  const guards = (Reflect.getMetadata(GUARDS_METADATA, target) ?? []) as readonly unknown[];
  return guards.some(
    (guard) =>
      guard === AccessGuard ||
      guard instanceof AccessGuard ||
      (guard as Partial<Type>)?.prototype instanceof AccessGuard,
  );
}

/** Whether there is a GraphQL module that asks guards for queries, mutations and subscriptions only. */
const fieldsAreOpen = (discovery: DiscoveryService): boolean =>
  discovery.getProviders().some(({ token, instance }) => {
    if (token !== 'GqlModuleOptions' || !instance) return false;
    const { fieldResolverEnhancers } = instance as { readonly fieldResolverEnhancers?: readonly string[] };
    return !fieldResolverEnhancers?.includes('guards');
  });

const demands: readonly (keyof Requirements)[] = [
  'roles',
  'needsLiveSession',
  'aal',
  'proofAge',
  'profile',
  'permissions',
];

const openFields = ({ methods }: Made): OptionMistake[] =>
  methods
    .filter(({ type, handler }) => {
      const asked = requirementsOf({ getClass: () => type, getHandler: () => handler } as never);
      return resolvesField(handler) && demands.some((word) => asked[word] !== undefined);
    })
    .map(({ path }) => ({
      path,
      reason: 'asks for something, and GraphQL asks no guard for fields',
      remedy: "Give GraphQLModule.forRoot({ fieldResolverEnhancers: ['guards'] })",
    }));

function senseless({ type, methods }: Made): OptionMistake[] {
  const connections = guardedConnectionsOf(type.prototype);
  const mistakes = [
    ...contradictionsOn(type, type.name),
    ...(connections ? contradictionsOn(connections, `${type.name}.handleConnection`) : []),
    ...methods.flatMap(({ handler, path }) => [...contradictionsOn(handler, path), ...idle(handler, path)]),
  ];
  if (connections && !isGateway(type)) {
    const reason = 'has @AuthGateway() and is no gateway';
    mistakes.push({ path: type.name, reason, remedy: 'Add @WebSocketGateway(), or take it away' });
  }
  return mistakes;
}

/** A handler has something of Nest's, or of another framework's, written on it. */
function idle(handler: object, path: string): OptionMistake[] {
  const isOurs = (key: unknown): boolean => /^(design|nest-guardian):/.test(String(key));
  const isHandler =
    path.endsWith('.handleConnection') || !Reflect.getMetadataKeys(handler).every((key) => isOurs(key));
  if (isHandler || Object.keys(askedOn(handler)).length === 0) return [];
  const reason = `has ${writtenOn(handler)}, which protects nothing: it is no handler`;
  return [{ path, reason, remedy: 'Put it on the handlers that call this' }];
}
