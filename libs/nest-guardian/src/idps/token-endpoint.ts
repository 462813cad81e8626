import {
  allowInsecureRequests,
  authorizationCodeGrant,
  type ClientAuth,
  Configuration,
  customFetch,
  ResponseBodyError,
  type ServerMetadata,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import type { Clock } from '../core/ports/clock.js';
import type { IdpReturn, IdpTokens } from '../core/ports/idps.js';
import type { Answer, IdpDefinition } from './idp-definition.js';
import type { Outbound, OutboundInit } from './outbound.js';
import { objectOf } from './profile-of.js';
import { readJson } from './read-json.js';

interface Parts {
  readonly clientId: string;
  readonly secret: string;
  readonly definition: Pick<IdpDefinition, 'secretIn' | 'secretAt' | 'mendTokens'>;
  readonly clock: Clock;
  readonly outbound: Outbound;
}

export interface Redeemed {
  readonly tokens: IdpTokens;
  readonly idToken: string | null;
}

/** Trades codes at an identity provider's token endpoint. */
export class TokenEndpoint {
  #secretIn: 'header' | 'form' | null;

  constructor(private readonly parts: Parts) {
    this.#secretIn = parts.definition.secretIn ?? null;
  }

  /** Throws what the library throws, or what was wrong on the way; `isRefusal` tells the two apart. */
  async redeem(metadata: ServerMetadata, returned: IdpReturn, signal: AbortSignal): Promise<Redeemed> {
    if (this.#secretIn !== null) return this.#try(metadata, returned, { signal, secretIn: this.#secretIn });
    try {
      const redeemed = await this.#try(metadata, returned, { signal, secretIn: 'header' });
      this.#secretIn = 'header';
      return redeemed;
    } catch (error) {
      // GoTrue: asks again after any no. Only this one leaves the code unspent.
      if (!isUnknownClient(error)) throw error;
    }
    const redeemed = await this.#try(metadata, returned, { signal, secretIn: 'form' });
    this.#secretIn = 'form';
    return redeemed;
  }

  async #try(
    metadata: ServerMetadata,
    { answer, redirectUri, state, verifier }: IdpReturn,
    { signal, secretIn }: { readonly signal: AbortSignal; readonly secretIn: 'header' | 'form' },
  ): Promise<Redeemed> {
    const { clientId, outbound } = this.parts;
    const config = new Configuration(metadata, clientId, undefined, this.#proof(secretIn));
    if (outbound.allowsHttp) allowInsecureRequests(config);
    let idToken: string | null = null;
    config[customFetch] = async (url, { method, headers, body }) => {
      const init: OutboundInit = { method, headers, body: String(body), signal };
      const response = await outbound.fetch(url, init);
      if (response.status !== 200) return response;
      const { id_token: found, ...others } = this.#mended(objectOf(await readJson(response)));
      // The library would judge it by its own clock and without asking for keys: `IdTokens` does both.
      idToken = typeof found === 'string' ? found : null;
      // GitHub says no with a 200.
      return Response.json(others, { status: 'error' in others ? 400 : 200 });
    };
    const url = new URL(redirectUri);
    const { code = '', iss = null } = answer;
    url.search = new URLSearchParams({ code, state, ...(iss === metadata.issuer && { iss }) }).toString();
    const checks = { expectedState: state, pkceCodeVerifier: verifier ?? undefined };
    const { access_token: accessToken, refresh_token: refreshToken = null } = await authorizationCodeGrant(
      config,
      url,
      checks,
    );
    return { tokens: { accessToken, refreshToken }, idToken };
  }

  #mended(answer: Answer): Answer {
    const mended = this.parts.definition.mendTokens?.(answer) ?? answer;
    return Object.fromEntries(Object.entries(mended).filter(([, value]) => value !== null));
  }

  #proof(secretIn: 'header' | 'form'): ClientAuth {
    const { clientId, clock, definition } = this.parts;
    const secret = definition.secretAt?.(clock.now()) ?? this.parts.secret;
    return (...[, , body, headers]) => {
      if (secretIn === 'header') {
        const pair = `${escaped(clientId)}:${escaped(secret)}`;
        headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
        return;
      }
      body.set('client_id', clientId);
      body.set('client_secret', secret);
    };
  }
}

/**
 * RFC 6749 section 2.3.1. GoTrue: `-`, `.`, `_` and `~` stay as they are, where the library escapes them too, and not
 * every provider reads that.
 */
const escaped = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

const isUnknownClient = (error: unknown): boolean =>
  error instanceof WWWAuthenticateChallengeError ||
  (error instanceof ResponseBodyError && (wrongClient.has(error.error) || error.status === 401));

/** The second is GitHub's word for it. */
const wrongClient: ReadonlySet<string> = new Set(['invalid_client', 'incorrect_client_credentials']);

const notTheirFault: ReadonlySet<string> = new Set([
  ...wrongClient,
  'unauthorized_client',
  'server_error',
  'temporarily_unavailable',
]);

/** Whether the provider says no to what the browser brought. Otherwise it is not well, or does not know us. */
export const isRefusal = (error: unknown): error is ResponseBodyError =>
  error instanceof ResponseBodyError && !notTheirFault.has(error.error) && error.status !== 401;
