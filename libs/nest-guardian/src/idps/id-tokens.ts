import { createHash } from 'node:crypto';
import type { ServerMetadata } from 'openid-client';
import { deny, isAuthError } from '../core/auth-error.js';
import type { IdpContext } from '../core/ports/idps.js';
import { oauthConditions } from '../features/oauth/oauth.contract.js';
import { isAsymmetric } from '../tokens/algorithms.js';
import { headerReader, type Jws, parseJws } from '../tokens/jws.js';
import { RemoteKeySet } from '../tokens/remote-key-set.js';
import { isSameText } from '../tokens/same-text.js';
import { parseStrictObject } from '../tokens/strict-json.js';
import { Discovered } from './discovered.js';
import type { Answer, IdTokenRules } from './idp-definition.js';
import type { Outbound } from './outbound.js';

/** Seconds by which the provider's clock may differ from ours. */
const leeway = 30;
/** Issuers whose keys are remembered, where a provider has one per tenant. */
const maxIssuers = 50;
/** Nothing else that a provider signs, an access token least of all, is an ID token (RFC 8725 section 3.11). */
const readHeader = headerReader(new Set([undefined, 'JWT']));

interface Parts extends Pick<IdpContext, 'clock' | 'checksPresenter'> {
  readonly rules: Pick<IdTokenRules, 'issuer' | 'alsoFrom'>;
  readonly outbound: Outbound;
}

interface Signer {
  readonly discovered: Discovered;
  keys: { readonly url: string; readonly set: RemoteKeySet } | null;
}

interface MadeFor {
  readonly clientIds: readonly string[];
  /** The access token that came with it, where there is one. */
  readonly accessToken: string | null;
}

/** Judges ID tokens (OpenID Connect Core section 3.1.3.7) by the keys that their provider publishes. */
export class IdTokens {
  readonly #signers = new Map<string, Signer>();
  readonly #own: Signer;

  constructor(private readonly parts: Parts) {
    const { issuer } = parts.rules;
    this.#own = this.#signer(issuer);
    this.#signers.set(issuer, this.#own);
    // The one difference in spelling that an address forgives; the issuer's own word for itself then decides.
    if (URL.canParse(issuer) && new URL(issuer).pathname === '/') {
      const { origin } = new URL(issuer);
      this.#signers.set(origin, this.#own).set(`${origin}/`, this.#own);
    }
  }

  /** What the provider's own issuer says of itself. */
  metadata(): Promise<ServerMetadata> {
    return this.#own.discovered.read();
  }

  signsAs(issuer: string): boolean {
    return this.#signers.get(issuer) === this.#own || this.parts.rules.alsoFrom?.(issuer) === true;
  }

  /**
   * The claims, once signature, issuer, audience and times are good. The nonce is the caller's business.
   * @throws idTokenRefused, idpUnavailable
   */
  async verify(idToken: string, { clientIds, accessToken }: MadeFor): Promise<Answer> {
    const jws = parsed(idToken);
    const { iss } = claimsIn(jws.payload);
    // Before anything is asked: an issuer that is not trusted is not looked at, and neither is a shared secret.
    if (typeof iss !== 'string' || !this.signsAs(iss) || !isAsymmetric(jws.algorithm)) refuse();
    const claims = claimsIn(await this.#open(jws, iss));
    this.#requireTimes(claims);
    if (!['string', 'undefined'].includes(typeof claims.nonce)) refuse();
    if (claims.sub === undefined || claims.sub === '') refuse('Missing sub claim in id_token');
    this.#requireAudience(claims, clientIds);
    if (accessToken !== null) requireHash(claims.at_hash, accessToken, jws.algorithm);
    return claims;
  }

  async #open(jws: Jws, issuer: string): Promise<Buffer> {
    const signer = this.#signers.get(issuer) ?? this.#signer(issuer);
    const { jwks_uri: url = '', issuer: named } = await signer.discovered.read().catch(unavailable);
    // Its own spelling counts, to the letter.
    if (named !== issuer) refuse();
    if (signer.keys?.url !== url) signer.keys = { url, set: this.#keySet(url) };
    try {
      const payload = await signer.keys.set.open(jws);
      this.#remember(issuer, signer);
      return payload;
    } catch (error) {
      return isAuthError(error) && error.status === 503 ? unavailable(error) : refuse(undefined, error);
    }
  }

  #signer(issuer: string): Signer {
    return { discovered: new Discovered(issuer, this.parts), keys: null };
  }

  /** Who has signed something: names that anybody can make up push nobody out. The first is the provider's own. */
  #remember(issuer: string, signer: Signer): void {
    if (!this.#signers.has(issuer) && this.#signers.size >= maxIssuers)
      this.#signers.delete([...this.#signers.keys()][1] ?? '');
    this.#signers.set(issuer, signer);
  }

  #keySet(url: string): RemoteKeySet {
    const { outbound, clock } = this.parts;
    return new RemoteKeySet({
      url,
      clock,
      fetch: (address, { headers, signal }) =>
        outbound.fetch(address, { headers: headers as Record<string, string>, signal: signal ?? undefined }),
    });
  }

  #requireTimes({ exp, iat, nbf }: Answer): void {
    const now = Math.floor(this.parts.clock.now().getTime() / 1000);
    const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
    if (!isTime(exp) || !isTime(iat) || (nbf !== undefined && !isTime(nbf))) refuse();
    if (exp <= now - leeway || Math.max(iat, (nbf as number | undefined) ?? 0) > now + leeway) refuse();
  }

  #requireAudience(claims: Answer, clientIds: readonly string[]): void {
    const { azp } = claims;
    const audience = audienceOf(claims);
    const isOurs = audience.some((one) => clientIds.includes(one));
    // Core 3.1.3.7: of several whom it was made for, one that we do not know may be who shows it.
    const isPresented =
      azp === undefined
        ? audience.every((one) => clientIds.includes(one))
        : clientIds.includes(azp as string);
    if (!isOurs || (this.parts.checksPresenter && !isPresented)) {
      // GoTrue: a list as Go writes it.
      refuse(`Unacceptable audience in id_token: [${audience.join(' ').slice(0, 200)}]`);
    }
  }
}

/** Whom the token was made for. */
const audienceOf = ({ aud }: Answer): string[] =>
  [aud].flat().filter((one): one is string => typeof one === 'string');

function refuse(reason = 'Bad ID token', cause?: unknown): never {
  deny(oauthConditions.idTokenRefused, { value: reason, cause });
}

function unavailable(cause: unknown): never {
  deny(oauthConditions.idpUnavailable, { value: 'The keys of the identity provider cannot be read', cause });
}

function parsed(idToken: string): Jws {
  try {
    return parseJws(idToken, readHeader);
  } catch (cause) {
    return refuse(undefined, cause);
  }
}

const claimsIn = (payload: Buffer): Answer => parseStrictObject(payload) ?? refuse();

/** OpenID Connect Core section 3.1.3.6. A token that says nothing of the access token is not refused for it. */
function requireHash(hash: unknown, accessToken: string, algorithm: string): void {
  if (hash === undefined) return;
  const digest = createHash(algorithm.endsWith('256') ? 'sha256' : 'sha512')
    .update(accessToken)
    .digest();
  const expected = digest.subarray(0, digest.length / 2).toString('base64url');
  if (typeof hash !== 'string' || !isSameText(hash, expected)) refuse();
}
