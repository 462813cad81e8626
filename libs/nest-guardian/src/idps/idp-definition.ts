import type { IdpProfile } from '../core/ports/idps.js';

/** An object that a provider has answered: well-formed JSON, and nothing more is known of it. */
export type Answer = Readonly<Record<string, unknown>>;

/** What the operator says of an identity provider; texts that were not given are empty. */
export interface IdpPlace {
  /** Our name there; where several were given, the first. */
  readonly clientId: string;
  readonly secret: string;
  /** Without a slash at the end. */
  readonly url: string;
  /** Whether an address counts as verified where the provider does not say whether it is. */
  readonly trustsEmail: boolean;
  /** Whether one that needs `openid` among its scopes, and was not always so, gets it unasked. */
  readonly asksOpenid: boolean;
}

/** A GET with the person's access token as bearer. */
export interface Question {
  /** A function where the token has part in the address, as in Facebook's `appsecret_proof`. */
  readonly url: string | ((accessToken: string) => string);
  readonly headers?: Readonly<Record<string, string>>;
}

export interface IdTokenRules {
  /** What their `iss` has to be, to the letter, and where keys and endpoints are discovered. */
  readonly issuer: string;
  /** Where a provider has an issuer per tenant: which of them count besides. Keys are then discovered at each. */
  readonly alsoFrom?: (issuer: string) => boolean;
  /**
   * The person that verified claims describe. `returned` is what the browser brought beside the code, which only the
   * provider's own page can have sent, but nobody has signed: a name, never an address.
   */
  readonly read: (claims: Answer, returned: Readonly<Record<string, string>>) => IdpProfile;
}

export interface ProfileRules {
  /** Asked one after another; the answers come to `read` under the same names. */
  readonly ask: Readonly<Record<string, Question>>;
  /** Must bear any JSON at all: `profileOf`, `textOf` and their neighbours do. */
  readonly read: (answers: Answer) => IdpProfile;
}

/**
 * How one kind of identity provider is spoken to. A preset is this and nothing else; what is asked of the network, and
 * how, is the engine's.
 */
export interface IdpDefinition {
  /** Asked for always; what the application asks for is added. */
  readonly scopes: readonly string[];
  /** Left out, the issuer's discovery document says them. */
  readonly endpoints?: { readonly authorize: string; readonly token: string };
  /** Left out, the provider has no ID tokens that could be verified. */
  readonly idTokens?: IdTokenRules;
  /** Left out, the ID token that comes with the code says who came. */
  readonly profile?: ProfileRules;
  /** Whether the claims of the discovered userinfo endpoint are put to those of the ID token that comes with a code. */
  readonly asksUserinfo?: true;
  /** RFC 9207: how it calls itself beside a code, where that is not the issuer of ID tokens. */
  readonly answersAs?: string;
  /** What else its authorization endpoint is told, e.g. `response_mode`. */
  readonly startParameters?: Readonly<Record<string, string>>;
  /** Where it wants the client's secret. Left out: in the header, and in the form where that was refused. */
  readonly secretIn?: 'header' | 'form';
  /** Makes the secret anew for each request, where it is a token that expires. */
  readonly secretAt?: (at: Date) => string;
  /** RFC 7636: `always` where it lets nobody in without, `never` where it lets nobody in with it. */
  readonly pkce?: 'always' | 'never';
  /** Makes what its token endpoint answers what RFC 6749 section 5.1 asks for. */
  readonly mendTokens?: (answer: Answer) => Answer;
}
