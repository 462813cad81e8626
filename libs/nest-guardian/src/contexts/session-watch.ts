import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Announcements } from '../core/announcements.js';
import { AuthError, isAuthError } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import { assuranceChanged, type Event, sessionsEnded } from '../core/event.js';
import type { Clock } from '../core/ports/clock.js';
import type { Principal } from '../core/principal.js';
import type { Gate } from '../http/gate.js';
import { assuranceConditions } from '../steps/require-assurance.js';
import type { TokenPrincipal } from '../tokens/profile/token-principal.js';
import type { TokenProfiles } from '../tokens/profile/token-profiles.js';

/** Something that lives longer than a request: a socket, a subscription. */
export interface Watched {
  readonly principal: Principal | TokenPrincipal;
  readonly bearer: string;
  /** Whether it stays open to who has a second factor and has not shown it. */
  readonly allowsAal1?: boolean;
  /** Ends it and says why. Called once at most, and not after it was stopped. What it throws harms nobody else. */
  readonly end: (refusal: AuthError) => void;
}

/** What one session, or one token of a profile, keeps open. */
interface Group {
  readonly watched: Set<Watched>;
  /** Unix seconds of the last question whether it is open. */
  askedAt: number;
  isAsking: boolean;
  /** Seconds from that question to the next. */
  wait: number;
}

type SessionsEnded = typeof sessionsEnded extends Event<infer P> ? P : never;

/** Seconds. Below the minute that is promised, which has to hold the look and the answer too. */
const betweenQuestions = 50;
const untilRetry = 10;

/** Questions at the same time. More would stand in the way of people's requests. */
const atOnce = 32;

const isOfProfile = (principal: Principal | TokenPrincipal): principal is TokenPrincipal =>
  'profile' in principal;

/** A no, as opposed to nobody having been there to ask. */
const isRefusal = (thrown: unknown): thrown is AuthError =>
  isAuthError(thrown) && (thrown.applicationStatus === 401 || thrown.applicationStatus === 403);

/**
 * Ends what lives longer than a request as soon as its token would not be let in any more: when it expires, within a
 * second; when its session ends in this process, at once; when the session was ended or the person banned by
 * another process, within a minute. To see the latter it asks whether each session is open, once for all that it
 * keeps open and at most every 50 seconds, a few at the same time. While nobody can be asked nothing is ended, save by expiry.
 */
export class SessionWatch implements OnApplicationShutdown {
  readonly #groups = new Map<string, Group>();
  readonly #logger = new Logger('SessionWatch');
  #timer: NodeJS.Timeout | null = null;
  #isShut = false;

  constructor(
    private readonly asked: { readonly gate: Gate; readonly profiles: TokenProfiles },
    private readonly clock: Clock,
    announcements: Announcements,
  ) {
    announcements.on(sessionsEnded, (ended) => this.#endSessions(ended));
    announcements.on(assuranceChanged, ({ userId }) => this.#askSoon(({ id }) => id === userId));
  }

  /** How many things are watched. */
  get size(): number {
    return [...this.#groups.values()].reduce((sum, { watched }) => sum + watched.size, 0);
  }

  /** Watches until it has ended it, or until what this returns is called. */
  watch(watched: Watched): () => void {
    if (this.#isShut) return () => {};
    const key = keyOf(watched);
    // What was remembered when it was let in may be a minute old already, so the first question is asked at once.
    const made: Group = { watched: new Set(), askedAt: -Infinity, isAsking: false, wait: betweenQuestions };
    const group = this.#groups.get(key) ?? made;
    this.#groups.set(key, group);
    group.watched.add(watched);
    this.#timer ??= setInterval(() => void this.look(), 1000).unref();
    return () => this.#stop(watched);
  }

  /** Looks once at everything, as it does by itself every second. Returns when all who were asked have answered. */
  async look(): Promise<void> {
    const now = this.clock.now().getTime() / 1000;
    this.#endWhere(({ expiresAt }) => expiresAt <= now, expired);
    // A clock that was set back is no reason to wait for it.
    const isDue = ({ askedAt, wait }: Group): boolean => Math.abs(now - askedAt) >= wait;
    const due = [...this.#groups.values()].filter((group) => isDue(group) && !group.isAsking);
    for (const group of due) group.isAsking = true;
    const left = due.values();
    const askOneByOne = async (): Promise<void> => {
      for (const group of left) await this.#ask(group, now);
    };
    await Promise.all(Array.from({ length: atOnce }, askOneByOne));
  }

  /** Ends nothing: the sockets close with their server. */
  onApplicationShutdown(): void {
    this.#isShut = true;
    this.#groups.clear();
    this.#rest();
  }

  async #ask(group: Group, now: number): Promise<void> {
    Object.assign(group, { askedAt: now, wait: betweenQuestions });
    try {
      // All that it kept open may have closed while others were asked about.
      if (group.watched.size > 0) await this.#confirm(newestOf(group));
    } catch (thrown) {
      if (isRefusal(thrown)) this.#endAll(group, thrown);
      else group.wait = untilRetry;
    } finally {
      group.isAsking = false;
    }
  }

  async #confirm({ principal, bearer }: Watched): Promise<void> {
    const { gate, profiles } = this.asked;
    if (!isOfProfile(principal)) await gate.admitLive(bearer);
    else await profiles.require(principal.profile).admit(bearer, { type: principal.type, live: true });
  }

  #endAll({ watched }: Group, refusal: AuthError): void {
    const isAboutFactor = refusal.condition.name === assuranceConditions.secondFactorNeeded.name;
    for (const one of watched) if (!isAboutFactor || !one.allowsAal1) this.#end(one, refusal);
  }

  #endSessions({ userId, sessionIds, except }: SessionsEnded): void {
    const refusal = (): AuthError => new AuthError(common.sessionNotFound);
    if (sessionIds !== 'all') {
      this.#endWhere(({ sessionId }) => sessionId !== null && sessionIds.includes(sessionId), refusal);
      return;
    }
    const isEnded = (one: Principal | TokenPrincipal): boolean =>
      !isOfProfile(one) && one.id === userId && (except === undefined || one.sessionId !== except);
    this.#endWhere(isEnded, refusal);
    // A token of a profile dies with a session, but does not say whose that is.
    this.#askSoon((one) => isOfProfile(one) && one.sessionId !== null);
  }

  #endWhere(isMeant: (principal: Principal | TokenPrincipal) => boolean, refusal: () => AuthError): void {
    const everything = [...this.#groups.values()].flatMap(({ watched }) => [...watched]);
    for (const one of everything) if (isMeant(one.principal)) this.#end(one, refusal());
  }

  #askSoon(isMeant: (principal: Principal | TokenPrincipal) => boolean): void {
    for (const group of this.#groups.values()) {
      if ([...group.watched].some(({ principal }) => isMeant(principal))) group.askedAt = -Infinity;
    }
  }

  #end(watched: Watched, refusal: AuthError): void {
    if (!this.#stop(watched)) return;
    try {
      watched.end(refusal);
    } catch (error) {
      // The others have to be ended all the same.
      this.#logger.error('What was to be ended could not be', error);
    }
  }

  #stop(watched: Watched): boolean {
    const key = keyOf(watched);
    const group = this.#groups.get(key);
    const wasWatched = group?.watched.delete(watched) ?? false;
    if (group?.watched.size === 0) this.#groups.delete(key);
    if (this.#groups.size === 0) this.#rest();
    return wasWatched;
  }

  #rest(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}

const expired = (): AuthError => new AuthError(common.badJwt, { value: 'token is expired' });

/** A key that belongs to no session is watched by itself. */
const keyOf = ({ principal, bearer }: Watched): string =>
  isOfProfile(principal) ? `token ${principal.tokenId}` : (principal.sessionId ?? bearer);

const newestOf = ({ watched }: Group): Watched =>
  [...watched].reduce((newest, one) => (one.principal.expiresAt > newest.principal.expiresAt ? one : newest));
