import type { OptionMistake } from '../option.js';
import type { Metadata } from '../records.js';
import type { Clock } from './clock.js';

/** An address that an identity provider gives for a person. */
export interface IdpEmail {
  /** As it was written; whoever compares brings it to one form first. */
  readonly address: string;
  /** Only where the provider says, in its own unmistakable way, that this person reads that address. */
  readonly isVerified: boolean;
}

/** What an identity provider says of a person. */
export interface IdpProfile {
  /** Who it is there: unique at that provider and never given to anybody else. Never an address. */
  readonly subject: string;
  /** The address to go by, or null where there is none. */
  readonly email: IdpEmail | null;
  /** What is kept as `identity_data`, by GoTrue's names, without `email_verified` and `phone_verified`. */
  readonly data: Metadata;
}

/** Tokens with which the identity provider's own API is called in the person's name. They are secrets. */
export interface IdpTokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

/** One way to an identity provider and back. */
export interface IdpLeg {
  /** Of the flow; comes back unchanged. */
  readonly state: string;
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string;
  /** RFC 7636: shown only to the provider's token endpoint; null where the provider is not asked for PKCE. */
  readonly verifier: string | null;
  /** Comes back in the ID token; null where none is asked for. */
  readonly nonce: string | null;
}

export interface IdpRequest extends IdpLeg {
  /** Beside the provider's own. */
  readonly scopes: readonly string[];
  /** Whatever else the provider may understand; never one of OAuth's own names. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface IdpReturn extends IdpLeg {
  /** What the browser brought back: `code`, perhaps `iss`, `user`. */
  readonly answer: Readonly<Record<string, string>>;
}

/** What a verified ID token says. */
export interface IdTokenContent {
  readonly profile: IdpProfile;
  /** The `nonce` claim, or null. */
  readonly nonce: string | null;
}

/**
 * An identity provider that people may sign in with. What it asks of the network follows no redirect, and has a deadline
 * and a size cap. One that is down, slow or talks nonsense is told apart from one that says no.
 */
export abstract class Idp {
  /** Under which its identities are kept and clients ask for it, in lower case. */
  abstract readonly name: string;
  /** Whether people without a verified address may sign in all the same. */
  abstract readonly isEmailOptional: boolean;
  /** Where it sends people back, where that is not our own `/callback`. */
  abstract readonly redirectUri: string | null;
  /** Whether ID tokens may be shown without a nonce that matches. */
  abstract readonly skipsNonceCheck: boolean;

  /** Whether ID tokens that carry this issuer are this provider's. */
  abstract signsAs(issuer: string): boolean;

  /** Where the browser is sent. @throws idpUnavailable */
  abstract startUrl(request: IdpRequest): Promise<string>;

  /** Trades what the browser brought for the person and their tokens. @throws idpUnavailable, idpAnswerRefused */
  abstract redeem(returned: IdpReturn): Promise<{ readonly profile: IdpProfile; readonly tokens: IdpTokens }>;

  /**
   * Says what an ID token tells, once signature, issuer, audience and times are good. The nonce is the caller's business.
   * Null where this provider gives none that could be checked.
   * @throws idTokenRefused, idpUnavailable
   */
  abstract readIdToken(
    idToken: string,
    beside: { readonly accessToken: string | null },
  ): Promise<IdTokenContent> | null;
}

/** What all identity providers share, and what the application's options say of this one. */
export interface IdpContext {
  readonly clock: Clock;
  /** Whether the `azp` of an ID token has to be one of our clients. */
  readonly checksPresenter: boolean;
  /** Whether its addresses count as verified where it does not say whether they are. */
  readonly trustsEmail: boolean;
  /** Whether one that needs `openid` among its scopes, and was not always so, gets it unasked. */
  readonly asksOpenid: boolean;
}

/** An identity provider as the application names it in its options: `google({ clientId, secret })`. */
export interface IdpChoice {
  /** Their paths are what follows the provider's name, with the dot: `.clientId`. */
  readonly mistakes: readonly OptionMistake[];
  readonly create: (name: string, context: IdpContext) => Idp;
}

/** The identity providers that are switched on. */
export abstract class Idps {
  /** By its name, in lower case; null where it is not switched on. */
  abstract find(name: string): Idp | null;
  /** Whether there is a preset of this name, switched on or not. */
  abstract knows(name: string): boolean;
  /** The names of those that are switched on. */
  abstract readonly names: readonly string[];
  /** Who signs the ID tokens of the preset of this name, switched on or not; null where there are none to be shown. */
  abstract issuerOf(name: string): string | null;
  /** Whether it signs the ID tokens of a preset, switched on or not. */
  abstract knowsIssuer(issuer: string): boolean;
  /**
   * Whose ID tokens have this issuer: one that is switched on; else, where the options allow the issuer, one of that
   * name for this client alone, which nobody can be sent to. Null for any other.
   */
  abstract ofIssuer(issuer: string, clientId: string): Idp | null;
}
