import type { Connection } from '../../client/connection.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Principal } from '../../core/principal.js';
import { getUser } from '../../features/user/user.contract.js';
import type { ClaimRules } from '../../tokens/claims.js';
import { parseJws, refuseToken } from '../../tokens/jws.js';
import type { KeySet } from '../../tokens/key-set.js';
import { readPrincipal, requireSubject, verifyAccessToken } from '../../tokens/principal.js';
import { RemoteKeys } from '../../tokens/remote-keys.js';
import type { GoTrueSettings } from './gotrue.options.js';

type Verify = (bearer: string) => Principal | Promise<Principal>;
type Way = Exclude<GoTrueSettings['verification'], 'auto'>;

interface Parts {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: (message: string) => void;
}

const words: Readonly<Record<Way, string>> = {
  keys: 'by the keys that the server publishes',
  secret: 'by the shared secret',
  remote:
    'by asking the server, token by token; give jwtSecret, or let the server publish keys, to spare that',
};

const maxLifetime = 7 * 24 * 3600;
/** Seconds by which the clock of the server may differ from ours: two machines, not one. */
const leeway = 10;

/** Says who signed a token, in the way that was chosen or that fits the server. */
export class TokenVerifier {
  readonly #settings: GoTrueSettings;
  readonly #rules: ClaimRules;
  readonly #keys: RemoteKeys;
  readonly #asked = new Map<string, Promise<Principal>>();
  #verify: Verify | null;
  #choosing: Promise<Verify> | null = null;

  constructor(
    settings: GoTrueSettings,
    private readonly parts: Parts,
  ) {
    this.#settings = settings;
    this.#rules = rulesOf(settings);
    const { url, timeout } = settings;
    this.#keys = new RemoteKeys({
      url,
      timeout,
      clock: parts.clock,
      rules: this.#rules,
      fetch: withApiKey(settings),
    });
    this.#verify = settings.verification === 'auto' ? null : this.#take(settings.verification);
  }

  /** Synchronous where no other server must be asked. */
  verify(bearer: string): Principal | Promise<Principal> {
    if (this.#verify !== null) return this.#verify(bearer);
    // Race: whoever comes while the choice is made waits for the same one.
    this.#choosing ??= this.#choose().finally(() => {
      this.#choosing = null;
    });
    return this.#choosing.then((verify) => verify(bearer));
  }

  async #choose(): Promise<Verify> {
    const count = await this.#keys.count();
    const other: Way = this.#settings.secretKeys === null ? 'remote' : 'secret';
    this.#verify = this.#take(count > 0 ? 'keys' : other);
    return this.#verify;
  }

  #take(way: Way): Verify {
    this.parts.log(`Access tokens of ${this.#settings.url} are verified ${words[way]}`);
    const now = (): number => Math.floor(this.parts.clock.now().getTime() / 1000);
    const rules = this.#rules;
    if (way === 'keys') return (bearer) => this.#keys.verify(bearer);
    if (way === 'remote') return (bearer) => this.#join(bearer, now());
    const keys = this.#settings.secretKeys as KeySet;
    return (bearer) => verifyAccessToken(bearer, keys, { rules, now: now() });
  }

  /** Many requests with one token ask once. Nothing is remembered beyond that; the guard does. */
  #join(bearer: string, now: number): Promise<Principal> {
    const underway = this.#asked.get(bearer);
    if (underway !== undefined) return underway;
    const asked = this.#ask(bearer, now).finally(() => this.#asked.delete(bearer));
    this.#asked.set(bearer, asked);
    return asked;
  }

  /** What is unreadable or expired is refused here; whether the signature is genuine, the server says. */
  async #ask(bearer: string, now: number): Promise<Principal> {
    const principal = readPrincipal(parseJws(bearer).payload, this.#rules, now);
    requireSubject(principal);
    const user = await this.parts.connection.request(getUser, {}, { bearer });
    if (user.id !== principal.id) refuseToken('token has invalid claims: sub is somebody else');
    return principal;
  }
}

const rulesOf = ({ issuer, audience, adminRoles }: GoTrueSettings): ClaimRules => ({
  issuer: issuer === '' ? undefined : [issuer],
  audience: audience === '' ? undefined : [audience],
  leeway,
  maxLifetime,
  adminRoles,
  requireExpiry: true,
  requireIssuedAt: true,
});

const withApiKey =
  ({ fetch, headers, apiKey }: GoTrueSettings): typeof globalThis.fetch =>
  (input, init) => {
    const own = new Headers({ ...headers, ...(init?.headers as Record<string, string>) });
    if (apiKey !== '') own.set('apikey', apiKey);
    return fetch(input, { ...init, headers: own });
  };
