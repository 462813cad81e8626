import { deny } from '../../core/auth-error.js';
import type { ProfileParts } from './profile-parts.js';
import { secondsOf } from './seconds.js';
import { customOf, familyOf, type VerifiedClaims } from './token-claims.js';
import { tokenRefusals } from './token-conditions.js';
import type { IssuedToken } from './token-hooks.js';
import type { MadeToken, TokenMaker } from './token-maker.js';
import type { TokenVerifier } from './token-verifier.js';

interface Exchanging {
  readonly to: string;
  readonly spend?: boolean;
  readonly lifetime?: string;
  readonly permissions?: readonly string[];
}

/** Tokens that come of others, and how a whole line of them ends. */
export class Descent {
  constructor(
    private readonly parts: ProfileParts,
    private readonly verifier: TokenVerifier,
    private readonly maker: TokenMaker,
  ) {}

  async refresh(token: string): Promise<IssuedToken> {
    const from = await this.verifier.open(token, 'sliding');
    const isRefreshable = this.parts.settings.refreshable.has(from.typ);
    if (from.act !== undefined || !isRefreshable) deny(tokenRefusals.tokenNotRefreshable);
    const resource = await this.#admit(from);
    const made = await this.maker.make({
      type: from.typ,
      by: 'refresh',
      resource,
      claims: customOf(from),
      // Who got a shorter one gets no longer one by refreshing it.
      lifetime: from.exp - from.iat,
      from,
    });
    await this.#derive(from, made, true);
    await this.#orTakeBack(made, () => this.parts.hooks.tell('afterRefresh', made.issued, from));
    return made.issued;
  }

  async exchange(
    token: string,
    { to, spend = false, lifetime, permissions }: Exchanging,
  ): Promise<IssuedToken> {
    const from = await this.verifier.open(token, 'exp');
    const isAllowed = this.parts.settings.exchange.get(from.typ)?.has(to) === true;
    if (from.act !== undefined || !isAllowed) deny(tokenRefusals.exchangeNotAllowed);
    if (spend && !this.verifier.isTracked(from)) {
      throw new TypeError(`Tokens of type ${from.typ} have no row, so none can be spent`);
    }
    const resource = await this.#admit(from);
    const made = await this.maker.make({
      type: to,
      by: 'exchange',
      resource,
      claims: customOf(from),
      lifetime: secondsOf(lifetime),
      permissions,
      from,
    });
    await this.#derive(from, made, spend);
    await this.#orTakeBack(made, () => this.parts.hooks.tell('afterExchange', made.issued, from));
    return made.issued;
  }

  async revoke(token: string): Promise<void> {
    const claims = this.verifier.read(token);
    if (!this.verifier.isTracked(claims)) deny(tokenRefusals.tokenNotRevocable);
    if (this.parts.settings.exchange.has(claims.typ)) await this.verifier.revokeFamily(claims);
    else await this.#revokeOne(claims);
    await this.parts.hooks.tell('afterRevoke', claims);
  }

  /** Whom the claims are about. @throws principalGone */
  async load(claims: VerifiedClaims): Promise<unknown> {
    const resource = await this.parts.given.resolve(claims, this.parts.find);
    return resource ?? deny(tokenRefusals.principalGone);
  }

  /** What `verify` asks, except that nothing is remembered. */
  async #admit(from: VerifiedClaims): Promise<unknown> {
    if (this.verifier.isTracked(from)) await this.verifier.requireActive(from);
    await this.verifier.askHooks(from);
    return this.load(from);
  }

  /** Race: whether the old token is still good is decided by the statement that writes the new one. */
  async #derive(from: VerifiedClaims, { row, issued }: MadeToken, spends: boolean): Promise<void> {
    const next = this.verifier.isTracked(issued.claims) ? row : null;
    const at = this.parts.clock.now();
    if (!this.verifier.isTracked(from)) {
      if (next !== null) await this.verifier.tracking.add(next, at);
      return;
    }
    const isDone = await this.verifier.tracking.derive({ from: nameOf(from), next, spends, at });
    if (spends) this.verifier.forget({ token: from.jti });
    if (isDone) return;
    await this.verifier.requireActive(from);
    // It was neither used nor revoked a moment ago, so its row went in between.
    deny(tokenRefusals.tokenRevoked);
  }

  async #orTakeBack({ issued }: MadeToken, ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (this.verifier.isTracked(issued.claims)) await this.#revokeOne(issued.claims);
      throw error;
    }
  }

  async #revokeOne(claims: VerifiedClaims): Promise<void> {
    await this.verifier.tracking.revoke(nameOf(claims), this.parts.clock.now());
    this.verifier.forget({ family: familyOf(claims) });
  }
}

const nameOf = ({ jti, prf, sub }: VerifiedClaims) => ({ id: jti, profile: prf, subject: sub });
