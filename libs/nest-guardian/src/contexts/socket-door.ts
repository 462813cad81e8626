import type { OnApplicationShutdown, Type } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { AuthError, deny, isAuthError } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { Clock } from '../core/ports/clock.js';
import { admissionOf, admit, type Admission } from '../http/admission.js';
import { isOurFailure } from '../http/fallback/failure.js';
import { LiveSession, requirementsOf } from '../http/requirements.js';
import type { Bearer } from '../wire/bearer.js';
import type { AccessGuard } from './access.guard.js';
import type { FallbackFilter } from './fallback.filter.js';
import { present, presentedBy } from './presented.js';
import type { SessionWatch } from './session-watch.js';
import { type Acknowledge, type Socket, type SocketKind, socketKindOf, strictestKind } from './socket.js';
import { type Entrance, hasEntered, queue, type Visit, visits } from './socket-visit.js';
import { WaitingSockets } from './waiting-sockets.js';

interface Asked {
  readonly guard: AccessGuard;
  readonly fallback: FallbackFilter;
  readonly watch: SessionWatch;
}

/** What somebody at the door shows: in the handshake, or later. */
interface Shown {
  readonly bearer: Bearer;
  readonly isAsked: boolean;
  readonly acknowledge?: Acknowledge;
}

/** Stands for a handler in a gateway that looks at no token: who shows one all the same is to be known by it. */
const authenticate = (): void => undefined;
LiveSession()(authenticate);

const asContext = (client: object, { gateway, handler }: Pick<Entrance, 'gateway' | 'handler'>) => {
  const context = new ExecutionContextHost([client, 'connection'], gateway, handler);
  context.setType('ws');
  return context;
};

const personOf = ({ principal }: Admission): string =>
  `${'profile' in principal ? principal.profile : ''} ${principal.id}`;

const isFinal = (thrown: unknown): boolean =>
  isAuthError(thrown) && (thrown.applicationStatus === 401 || thrown.applicationStatus === 403);

function readShown(shown: unknown): Bearer {
  const token = (shown as { readonly access_token?: unknown } | null | undefined)?.access_token;
  return typeof token === 'string' && token !== '' ? { kind: 'one', token } : { kind: 'unreadable' };
}

/**
 * Lets sockets into gateways. A socket is let in by the token of its handshake, or of its first `authenticate`, as the
 * guard would judge it at `handleConnection`; until then it hears nothing and no handler hears it. Whose token runs out,
 * whose session ends, and who comes back as somebody else is told why and closed.
 */
export class SocketDoor implements OnApplicationShutdown {
  readonly waiting: WaitingSockets;
  /** All sockets of an application come through one adapter. */
  #kind: SocketKind | null = null;

  constructor(
    private readonly asked: Asked,
    private readonly clock: Clock,
  ) {
    this.waiting = new WaitingSockets(
      clock,
      (visit) => void this.#end(visit, new AuthError(common.noAuthorization)),
    );
  }

  /** Whether the application's adapter can send what a handler returned. */
  canSend(returned: unknown): boolean {
    return (this.#kind ?? strictestKind).canSend(returned);
  }

  /** Takes a socket in at a gateway. Where one calls the handler of the gateway that it extends, that is called. */
  arrive(client: Socket, request: unknown, entrance: Entrance): unknown {
    const known = visits.get(client);
    if (known && hasEntered(known, entrance.gateway)) return entrance.enter();
    const visit = known ?? this.#open(client);
    visit.entrances.push(entrance);
    const shown = presentedBy(client);
    const bearer = shown.kind === 'one' ? shown : socketKindOf(client).bearerOf(client, request);
    this.#take(visit, { bearer, isAsked: false });
    return undefined;
  }

  /** Forgets a socket that closed, and says whether it had gone in here. */
  leave(client: Socket, gateway: Type): boolean {
    const visit = visits.get(client);
    if (visit) this.#forget(visit);
    return visit !== undefined && hasEntered(visit, gateway);
  }

  onApplicationShutdown(): void {
    this.waiting.clear();
  }

  #open(client: Socket): Visit {
    this.#kind ??= socketKindOf(client);
    const visit: Visit = {
      client,
      entrances: [],
      arrivedAt: this.clock.now().getTime(),
      state: 'outside',
      entered: new Set(),
      turn: null,
      queued: 0,
      release: socketKindOf(client).hold(client),
      stopWatch: () => {},
    };
    visits.set(client, visit);
    socketKindOf(client).onAuthenticate(client, (shown, acknowledge) =>
      this.#take(visit, { bearer: readShown(shown), isAsked: true, acknowledge }),
    );
    return visit;
  }

  /** One after the other, and not before all gateways of this server have announced the socket. */
  #take(visit: Visit, shown: Shown): void {
    const turn = queue(visit, () => this.#enter(visit, shown))
      .catch((thrown: unknown) => this.#end(visit, thrown, shown.acknowledge))
      .finally(() => {
        if (visit.turn === turn) visit.turn = null;
      });
    visit.turn = turn;
  }

  async #enter(visit: Visit, shown: Shown): Promise<void> {
    const wasInside = visit.state === 'inside';
    const entrances = [...visit.entrances];
    const isNew = entrances.some((entrance) => !visit.entered.has(entrance));
    if (visit.state === 'gone' || !(isNew || shown.isAsked)) return;
    if (shown.bearer.kind === 'none' && !entrances.every(isOpen)) return this.waiting.add(visit);
    this.waiting.delete(visit);
    try {
      const admission = await this.#judge(entrances, shown);
      if (isGone(visit)) return;
      if (admission) this.#know(visit, admission);
      await letIn(visit, entrances);
      if (shown.isAsked && admission) answer(visit.client, admission, shown.acknowledge);
    } catch (thrown) {
      // That nobody could be asked is no reason to lose what is open.
      if (wasInside && !isNew && !isFinal(thrown)) await this.#tell(visit, thrown, shown.acknowledge);
      else await this.#end(visit, thrown, shown.acknowledge);
    }
  }

  /** As the guard judges calls, but in a place of its own, so that whoever is inside stays so until it has said yes. */
  async #judge(entrances: readonly Entrance[], { bearer, isAsked }: Shown): Promise<Admission | undefined> {
    if (bearer.kind === 'unreadable') deny(common.noAuthorization);
    const place = {};
    if (bearer.kind === 'one') present(place, bearer.token);
    for (const entrance of entrances) {
      const context = asContext(place, entrance);
      const isBlind = isAsked && requirementsOf(context).isPublic === true;
      const judged = isBlind ? asContext(place, { ...entrance, handler: authenticate }) : context;
      await this.asked.guard.canActivate(judged);
    }
    return admissionOf(place);
  }

  /** @throws noAuthorization for somebody else than it was */
  #know(visit: Visit, admission: Admission): void {
    const { client } = visit;
    const before = admissionOf(client);
    if (before && personOf(before) !== personOf(admission)) deny(common.noAuthorization);
    present(client, admission.bearer);
    admit(client, admission);
    const stopBefore = visit.stopWatch;
    visit.stopWatch = this.asked.watch.watch({
      principal: admission.principal,
      bearer: admission.bearer,
      allowsAal1: visit.entrances.every((entrance) => requirementsOf(asContext({}, entrance)).allowsAal1),
      end: (refusal) => void this.#end(visit, refusal),
    });
    stopBefore();
  }

  async #end(visit: Visit, thrown: unknown, acknowledge?: Acknowledge): Promise<void> {
    const wasGone = visit.state === 'gone';
    this.#forget(visit);
    const refusal = await this.#tell(visit, thrown, acknowledge);
    if (!wasGone) socketKindOf(visit.client).close(visit.client, refusal);
  }

  async #tell({ client }: Visit, thrown: unknown, acknowledge?: Acknowledge) {
    const context = asContext(client, { gateway: Object, handler: authenticate });
    const refusal = await this.asked.fallback.refusalOf(thrown, context);
    socketKindOf(client).tell(client, 'exception', refusal);
    acknowledge?.(refusal);
    return refusal;
  }

  #forget(visit: Visit): void {
    visit.state = 'gone';
    visit.stopWatch();
    this.waiting.delete(visit);
  }
}

/** Whether nobody asks who comes. */
function isOpen(entrance: Entrance): boolean {
  const { isPublic, isOptional } = requirementsOf(asContext({}, entrance));
  return isPublic === true || isOptional === true;
}

/** It may have closed while somebody was asked. */
const isGone = ({ state }: Visit): boolean => state === 'gone';

async function letIn(visit: Visit, entrances: readonly Entrance[]): Promise<void> {
  if (visit.state === 'outside') visit.release();
  visit.state = 'inside';
  for (const entrance of entrances) {
    if (visit.entered.has(entrance) || isGone(visit)) continue;
    visit.entered.add(entrance);
    const result = await entrance.enter();
    if (isOurFailure(result)) throw result;
  }
}

function answer(client: Socket, { principal }: Admission, acknowledge?: Acknowledge): void {
  const told = { expires_at: principal.expiresAt };
  if (acknowledge) acknowledge(told);
  else socketKindOf(client).tell(client, 'authenticated', told);
}
