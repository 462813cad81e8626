import { createHmac } from 'node:crypto';
import {
  allowInsecureRequests,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  Configuration,
  type ServerMetadata,
} from 'openid-client';
import { deny, isAuthError } from '../core/auth-error.js';
import type { Clock } from '../core/ports/clock.js';
import {
  type IdTokenContent,
  Idp,
  type IdpLeg,
  type IdpProfile,
  type IdpRequest,
  type IdpReturn,
  type IdpTokens,
} from '../core/ports/idps.js';
import { oauthConditions } from '../features/oauth/oauth.contract.js';
import { isSameText } from '../tokens/same-text.js';
import type { IdTokens } from './id-tokens.js';
import type { IdpDefinition, Question } from './idp-definition.js';
import type { Outbound } from './outbound.js';
import { objectOf } from './profile-of.js';
import { readJson } from './read-json.js';
import { isRefusal, type Redeemed, TokenEndpoint } from './token-endpoint.js';

export interface IdpParts {
  readonly definition: IdpDefinition;
  /** Null where the definition has none. */
  readonly idTokens: IdTokens | null;
  readonly outbound: Outbound;
  /** The first is the one that people are sent there under. */
  readonly clientIds: readonly string[];
  readonly secret: string;
  readonly clock: Clock;
  readonly scopes?: readonly string[];
  readonly redirectUri?: string;
  readonly emailOptional?: boolean;
  readonly skipNonceCheck?: boolean;
}

type Asked = Readonly<{ accessToken: string; signal: AbortSignal }>;

const noProfile = 'Error getting user profile from external provider';

/** Speaks OAuth 2.0 or OpenID Connect with whatever a definition describes. */
export class OpenidIdp extends Idp {
  readonly isEmailOptional: boolean;
  readonly redirectUri: string | null;
  readonly skipsNonceCheck: boolean;
  readonly #clientId: string;
  readonly #tokens: TokenEndpoint;

  constructor(
    readonly name: string,
    private readonly parts: IdpParts,
  ) {
    super();
    this.isEmailOptional = parts.emailOptional ?? false;
    this.redirectUri = parts.redirectUri || null;
    this.skipsNonceCheck = parts.skipNonceCheck ?? false;
    this.#clientId = parts.clientIds[0] ?? '';
    this.#tokens = new TokenEndpoint({ ...parts, clientId: this.#clientId });
  }

  signsAs(issuer: string): boolean {
    return this.parts.idTokens?.signsAs(issuer) ?? false;
  }

  async startUrl(request: IdpRequest): Promise<string> {
    const { definition, outbound, scopes = [] } = this.parts;
    const verifier = this.#verifierOf(request);
    const config = new Configuration(await this.#metadata(), this.#clientId);
    if (outbound.allowsHttp) allowInsecureRequests(config);
    const url = buildAuthorizationUrl(config, {
      ...definition.startParameters,
      scope: [...definition.scopes, ...scopes, ...request.scopes].join(' '),
      ...request.parameters,
      client_id: this.#clientId,
      redirect_uri: asSent(request.redirectUri),
      response_type: 'code',
      state: request.state,
      ...(verifier !== null && (await challengeOf(verifier))),
      ...(request.nonce !== null && this.#readsIdToken && { nonce: request.nonce }),
    });
    if (url.searchParams.get('scope') === '') url.searchParams.delete('scope');
    // GoTrue: in the order of the alphabet.
    url.searchParams.sort();
    return url.href;
  }

  async redeem(returned: IdpReturn): Promise<{ profile: IdpProfile; tokens: IdpTokens }> {
    const metadata = await this.#metadata();
    this.#requireSameIdp(metadata, returned.answer.iss);
    const signal = this.parts.outbound.startDeadline();
    const redeemed = await this.#exchange(metadata, returned, signal);
    const asked = { accessToken: redeemed.tokens.accessToken, signal };
    const { profile } = this.parts.definition;
    if (profile === undefined)
      return { profile: await this.#personOf(redeemed, returned, signal), ...redeemed };
    const answers: Record<string, unknown> = {};
    for (const [name, question] of Object.entries(profile.ask))
      answers[name] = await this.#ask(question, asked);
    return { profile: profile.read(answers), tokens: redeemed.tokens };
  }

  readIdToken(
    idToken: string,
    { accessToken }: { readonly accessToken: string | null },
  ): Promise<IdTokenContent> | null {
    const { idTokens, clientIds, definition } = this.parts;
    if (idTokens === null || definition.idTokens === undefined) return null;
    const { read } = definition.idTokens;
    return idTokens.verify(idToken, { clientIds, accessToken }).then((claims) => ({
      profile: read(claims, {}),
      nonce: typeof claims.nonce === 'string' ? claims.nonce : null,
    }));
  }

  #verifierOf({ verifier, state }: IdpLeg): string | null {
    const { definition, secret } = this.parts;
    if (definition.pkce === 'never') return null;
    const own = () => createHmac('sha256', secret).update(state).digest('base64url');
    return verifier ?? (definition.pkce === 'always' ? own() : null);
  }

  get #readsIdToken(): boolean {
    return this.parts.definition.profile === undefined;
  }

  async #metadata(): Promise<ServerMetadata> {
    const { endpoints, answersAs, idTokens: rules } = this.parts.definition;
    if (endpoints !== undefined) {
      return {
        issuer: answersAs ?? rules?.issuer ?? endpoints.authorize,
        authorization_endpoint: endpoints.authorize,
        token_endpoint: endpoints.token,
      };
    }
    if (this.parts.idTokens === null) throw new TypeError(`${this.name} has neither endpoints nor an issuer`);
    return this.parts.idTokens.metadata().catch(unwell(`Error discovering ${this.name}`));
  }

  /** RFC 9207: the answer of another provider is not for this one, although both come to the same address. */
  #requireSameIdp(metadata: ServerMetadata, iss: string | undefined): void {
    const { endpoints, answersAs, idTokens: rules } = this.parts.definition;
    const isKnown = endpoints === undefined || (answersAs ?? rules?.issuer) !== undefined;
    const isMissing = iss === undefined && metadata.authorization_response_iss_parameter_supported === true;
    if (isMissing || (isKnown && iss !== undefined && iss !== metadata.issuer)) {
      deny(oauthConditions.idpAnswerRefused, { value: 'The answer is that of another provider' });
    }
  }

  #exchange(metadata: ServerMetadata, returned: IdpReturn, signal: AbortSignal): Promise<Redeemed> {
    // GoTrue: says the first four characters of the code.
    const value = `Unable to exchange external code: ${(returned.answer.code ?? '').slice(0, 4)}`;
    return this.#tokens
      .redeem(metadata, { ...returned, verifier: this.#verifierOf(returned) }, signal)
      .catch((error: unknown) => {
        if (!isRefusal(error)) return unwell(value)(error);
        return deny(oauthConditions.idpAnswerRefused, { value, cause: withoutAnswer(error) });
      });
  }

  /** The answer to one question about the person. */
  async #ask({ url, headers }: Question, { accessToken, signal }: Asked): Promise<unknown> {
    const address = typeof url === 'string' ? url : url(accessToken);
    const own = { accept: 'application/json', authorization: `Bearer ${accessToken}` };
    try {
      const response = await this.parts.outbound.fetch(address, { headers: { ...own, ...headers }, signal });
      if (response.status !== 200) throw new Error(`Answered ${response.status}`);
      return await readJson(response);
    } catch (error) {
      return unwell(noProfile)(error);
    }
  }

  /** Whom the ID token that came with a code names, by its own claims and those of the userinfo endpoint. */
  async #personOf(
    { idToken, tokens }: Redeemed,
    returned: IdpReturn,
    signal: AbortSignal,
  ): Promise<IdpProfile> {
    const { idTokens, clientIds, definition } = this.parts;
    const { accessToken } = tokens;
    if (idTokens === null || definition.idTokens === undefined || idToken === null) return refuseToken();
    const verified = await idTokens.verify(idToken, { clientIds, accessToken }).catch(notToThem);
    const { nonce = '' } = verified as { readonly nonce?: string };
    if (returned.nonce !== null && !isSameText(nonce, returned.nonce)) refuseToken();
    // What the token says of itself is not what it says of the person.
    const { aud: _aud, iat: _iat, exp: _exp, ...claims } = verified;
    const { userinfo_endpoint: url } = await this.#metadata();
    if (definition.asksUserinfo !== true || url === undefined)
      return definition.idTokens.read(claims, returned.answer);
    const more = objectOf(await this.#ask({ url }, { accessToken, signal }));
    // OpenID Connect Core section 5.3.2: otherwise it may be another person's.
    if (more.sub !== claims.sub) refuseToken();
    return definition.idTokens.read({ ...claims, ...more, iss: claims.iss }, returned.answer);
  }
}

/** In the token request the address comes as the URL parser writes it, and it has to be the same in both. */
const asSent = (redirectUri: string): string => new URL(redirectUri).href;

const challengeOf = async (verifier: string): Promise<Readonly<Record<string, string>>> => ({
  code_challenge: await calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
});

function refuseToken(cause?: unknown): never {
  deny(oauthConditions.idpAnswerRefused, { value: noProfile, cause });
}

/** What is refused of a token that came from the provider itself is not for the person to put right. */
function notToThem(error: unknown): never {
  if (isAuthError(error) && error.condition === oauthConditions.idTokenRefused) refuseToken(error);
  throw error;
}

const unwell =
  (value: string) =>
  (error: unknown): never =>
    deny(oauthConditions.idpUnavailable, { value, cause: withoutAnswer(error) });

/** For the log. The library puts whole answers into its errors, with the tokens that are in them. */
function withoutAnswer(error: unknown): Error {
  const { message, code, error: said } = error as { message: string; code?: string; error?: string };
  const told = [message, code, said].filter((part) => part !== undefined).join(': ');
  // What the provider says of it may be long, and written to look like lines of our own.
  return new Error(told.slice(0, 300).replace(/[^\x20-\x7e]/g, '?'));
}
