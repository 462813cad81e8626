import { signInAnonymously } from '../features/anonymous/anonymous.contract.js';
import { linkIdentity, unlinkIdentity } from '../features/identities/identities.contract.js';
import { invite } from '../features/invite/invite.contract.js';
import { exchangeCode, signInWithIdToken } from '../features/oauth/oauth.contract.js';
import { reauthenticate, sendMagicLink, sendOtp } from '../features/otp/otp.contract.js';
import { signInWithPassword, signUp } from '../features/password/password.contract.js';
import { recover } from '../features/recovery/recovery.contract.js';
import { refreshSession, signOut } from '../features/session/session.contract.js';
import {
  getHealth,
  getJwks,
  getOpenidConfiguration,
  getSettings,
} from '../features/settings/settings.contract.js';
import { getUser, updateUser } from '../features/user/user.contract.js';
import { resend, verify } from '../features/verify/verify.contract.js';
import type { InputOf, Operation, OutputOf } from '../core/operation.js';
import type { Asking, Connection } from './connection.js';
import { GoTrueAdmin } from './gotrue-admin.js';
import { GoTrueFactors } from './gotrue-factors.js';
import { type IdpUrlOptions, urlForProvider } from './url-for-provider.js';

type Answer<Op> = Promise<OutputOf<Op>>;

/**
 * Talks to a GoTrue server. Inputs and answers are the wire's own (snake_case). Whatever is refused is thrown
 * as an `AuthError`; a server that is down, late or makes no sense is `provider_unavailable`, a 503.
 */
export class GoTrueClient {
  /** What needs the service-role key. */
  readonly admin: GoTrueAdmin;
  /** Second factors. */
  readonly factors: GoTrueFactors;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.admin = new GoTrueAdmin(connection);
    this.factors = new GoTrueFactors(connection);
  }

  /** Any operation of any contract. */
  request<I, O>(operation: Operation<I, O>, input: I, asking?: Asking): Promise<O> {
    return this.#connection.request(operation, input, asking);
  }

  /** What is switched on at the server. */
  settings(): Answer<typeof getSettings> {
    return this.request(getSettings, {});
  }

  health(): Answer<typeof getHealth> {
    return this.request(getHealth, {});
  }

  /** The public keys; empty where a shared secret signs. */
  jwks(): Answer<typeof getJwks> {
    return this.request(getJwks, {});
  }

  openidConfiguration(): Answer<typeof getOpenidConfiguration> {
    return this.request(getOpenidConfiguration, {});
  }

  /** A session where people are confirmed at once; otherwise the user alone. */
  signUp(person: InputOf<typeof signUp>): Answer<typeof signUp> {
    return this.request(signUp, person);
  }

  signIn(credentials: InputOf<typeof signInWithPassword>): Answer<typeof signInWithPassword> {
    return this.request(signInWithPassword, credentials);
  }

  signInAnonymously(person: InputOf<typeof signInAnonymously> = {}): Answer<typeof signInAnonymously> {
    return this.request(signInAnonymously, person);
  }

  /** With `link_identity`, the bearer says whose account the identity joins. */
  signInWithIdToken(
    proof: InputOf<typeof signInWithIdToken>,
    accessToken?: string,
  ): Answer<typeof signInWithIdToken> {
    return this.request(signInWithIdToken, proof, { bearer: accessToken });
  }

  /** Where to send the person's browser, so that they get one more way in. */
  linkIdentity(accessToken: string, way: InputOf<typeof linkIdentity>): Answer<typeof linkIdentity> {
    return this.request(linkIdentity, way, { bearer: accessToken });
  }

  /** Takes a way in away; never the last. The id is the identity's `identity_id`. */
  async unlinkIdentity(accessToken: string, identityId: string): Promise<void> {
    await this.request(unlinkIdentity, { identity_id: identityId }, { bearer: accessToken });
  }

  /** Trades the code of a redirect for a session (PKCE). */
  exchangeCode(code: InputOf<typeof exchangeCode>): Answer<typeof exchangeCode> {
    return this.request(exchangeCode, code);
  }

  /** Spends the refresh token and returns a new session. */
  refreshAccessToken(refreshToken: string): Answer<typeof refreshSession> {
    return this.request(refreshSession, { refresh_token: refreshToken });
  }

  /** Ends every session of the user, or only this one, or all the others. */
  async signOut(accessToken: string, scope?: 'global' | 'local' | 'others'): Promise<void> {
    await this.request(signOut, { scope }, { bearer: accessToken });
  }

  getUser(accessToken: string): Answer<typeof getUser> {
    return this.request(getUser, {}, { bearer: accessToken });
  }

  updateUser(accessToken: string, changes: InputOf<typeof updateUser>): Answer<typeof updateUser> {
    return this.request(updateUser, changes, { bearer: accessToken });
  }

  /** Needs the service-role key. */
  invite(invitation: InputOf<typeof invite>): Answer<typeof invite> {
    return this.request(invite, invitation);
  }

  /** Mails a link for a new password. Says nothing about whether the address is known. */
  recover(email: string | InputOf<typeof recover>): Answer<typeof recover> {
    return this.request(recover, addressed(email));
  }

  sendMagicLink(email: string | InputOf<typeof sendMagicLink>): Answer<typeof sendMagicLink> {
    return this.request(sendMagicLink, addressed(email));
  }

  sendOtp(address: InputOf<typeof sendOtp>): Answer<typeof sendOtp> {
    return this.request(sendOtp, address);
  }

  resend(what: InputOf<typeof resend>): Answer<typeof resend> {
    return this.request(resend, what);
  }

  /** Redeems a code or a link's token for a session. */
  verify(proof: InputOf<typeof verify>): Answer<typeof verify> {
    return this.request(verify, proof);
  }

  /** Sends the nonce that a change of password may ask for. */
  reauthenticate(accessToken: string): Answer<typeof reauthenticate> {
    return this.request(reauthenticate, {}, { bearer: accessToken });
  }

  /** Where to send a browser that wants to sign in with an identity provider. Asks nobody. */
  urlForProvider(provider: string, options?: IdpUrlOptions): string {
    return urlForProvider(this.#connection.url, provider, options);
  }
}

const addressed = <I extends { readonly email?: string }>(email: string | I): I | { email: string } =>
  typeof email === 'string' ? { email } : email;
