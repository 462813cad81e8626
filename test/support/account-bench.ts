import { randomUUID } from 'node:crypto';
import type { LocalOptions } from 'nest-guardian/local';
import { deny } from '../../libs/nest-guardian/src/core/auth-error.js';
import {
  Idp,
  type IdpChoice,
  type IdpProfile,
  type IdpRequest,
  type IdpReturn,
} from '../../libs/nest-guardian/src/core/ports/idps.js';
import type { Metadata } from '../../libs/nest-guardian/src/core/records.js';
import {
  oauthConditions,
  signInWithIdToken,
  type SignInWithIdTokenInput,
} from '../../libs/nest-guardian/src/features/oauth/oauth.contract.js';
import {
  signInWithPassword,
  signUp,
} from '../../libs/nest-guardian/src/features/password/password.contract.js';
import { verify } from '../../libs/nest-guardian/src/features/verify/verify.contract.js';
import type { Database } from '../../libs/nest-guardian/src/persistence/database.js';
import type { SessionBody } from '../../libs/nest-guardian/src/wire/session.js';
import { SendingBench } from './sending-bench.js';

/** Somebody, as an identity provider would tell of them. */
export interface Told {
  readonly subject: string;
  readonly email?: string;
  /** What the presets make of the provider's words; here also what they never make. */
  readonly isVerified?: unknown;
  readonly data?: Metadata;
  readonly nonce?: string;
}

export const newAddress = (): string => `${randomUUID()}@example.com`;

/** Somebody whom nobody knows yet, with a verified address. */
export const somebody = (change: Partial<Told> = {}): Told => ({
  subject: randomUUID(),
  email: newAddress(),
  isVerified: true,
  data: { full_name: 'Ann Example' },
  ...change,
});

const profileOf = ({ subject, email, isVerified, data = {} }: Told): IdpProfile => ({
  subject,
  email: email === undefined ? null : { address: email, isVerified: isVerified as boolean },
  data: { ...data, sub: subject, ...(email !== undefined && { email }) },
});

/** Believes whatever is shown: the one who is told of is the ID token, or the code. */
class CredulousIdp extends Idp {
  readonly redirectUri = null;

  constructor(
    readonly name: string,
    readonly isEmailOptional: boolean,
    readonly skipsNonceCheck: boolean,
  ) {
    super();
  }

  signsAs = (issuer: string): boolean => issuer === `https://${this.name}.test`;

  startUrl = async ({ state }: IdpRequest): Promise<string> => `https://${this.name}.test/?state=${state}`;

  redeem = async ({ answer }: IdpReturn) => ({
    profile: profileOf(JSON.parse(answer.code ?? '') as Told),
    tokens: { accessToken: 'at', refreshToken: null },
  });

  async readIdToken(idToken: string) {
    if (!idToken.startsWith('{')) deny(oauthConditions.idTokenRefused, { value: 'Bad ID token' });
    const told = JSON.parse(idToken) as Told;
    return { profile: profileOf(told), nonce: told.nonce ?? null };
  }
}

const credulous = ({ isEmailOptional = false, skipsNonceCheck = false } = {}): IdpChoice => ({
  mistakes: [],
  create: (name) => new CredulousIdp(name, isEmailOptional, skipsNonceCheck),
});

const idps = {
  acme: credulous(),
  other: credulous(),
  mute: credulous({ isEmailOptional: true }),
  lax: credulous({ skipsNonceCheck: true }),
};

export const password = 'correct horse 9 battery';

/** A local provider, identity providers that believe anything, and what is kept of it all. */
export class AccountBench {
  private constructor(readonly sending: SendingBench) {}

  static async open(database: Database, options: LocalOptions = {}): Promise<AccountBench> {
    const more = { identities: { manualLinking: true }, anonymous: { enabled: true } };
    return new AccountBench(await SendingBench.open(database, { oauth: { idps }, ...more, ...options }));
  }

  /** What is answered to whom the identity provider tells of: a session, or the refusal's words. */
  enter(told: Told, more: SignInWithIdTokenInput = {}, bearer: string | null = null): Promise<unknown> {
    // Rows of one moment are in no order.
    this.sending.clock.advance('1s');
    const caller = { ...this.sending.caller, bearer };
    const input = { provider: 'acme', id_token: JSON.stringify(told), ...more };
    return this.sending.answerOf(signInWithIdToken, input, caller);
  }

  /** The session of whom it tells of. */
  async open(told: Told, more: SignInWithIdTokenInput = {}, bearer?: string): Promise<SessionBody> {
    const answer = await this.enter(told, more, bearer);
    if (typeof answer === 'string') throw new Error(answer);
    return answer as SessionBody;
  }

  /** A person with address and password, who has followed the mail unless said otherwise. */
  async member(email: string = newAddress(), isConfirmed = true): Promise<SessionBody> {
    const asked = await this.sending.answerOf(signUp, { email, password, data: { city: 'Bern' } });
    if (typeof asked === 'string') throw new Error(asked);
    return (isConfirmed ? this.follow(email) : asked) as Promise<SessionBody>;
  }

  signIn(email: string): Promise<unknown> {
    return this.sending.answerOf(signInWithPassword, { email, password });
  }

  /** Follows the last link that was mailed to the address. */
  follow(email: string, type = 'signup'): Promise<unknown> {
    const { TokenHash: token_hash } = this.sending.lastTo(email).variables as { TokenHash: string };
    return this.sending.answerOf(verify, { type, token_hash });
  }

  query(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.sending.query(sql, values);
  }

  /** The account that has the identity, and all of its ways in. */
  async rowOf({ subject }: Told): Promise<Record<string, unknown> | undefined> {
    const [row] = await this.query(
      `SELECT u.*, (SELECT array_agg(o.provider ORDER BY o.provider) FROM auth.identities o WHERE o.user_id = u.id) AS ways
       FROM auth.users u JOIN auth.identities i ON i.user_id = u.id WHERE i.provider_id = $1`,
      [subject],
    );
    return row;
  }

  /** How many accounts have the address. */
  async countOf(email: string): Promise<number> {
    return (await this.query('SELECT id FROM auth.users WHERE lower(email) = lower($1)', [email])).length;
  }

  /** Action and provider of each line of the audit about the person, by the alphabet. */
  async audit(id: string): Promise<string[]> {
    const rows = await this.query(
      `SELECT payload FROM auth.audit_log_entries WHERE payload->>'actor_id' = $1`,
      [id],
    );
    const lines = rows.map(({ payload }) => {
      const { action, traits } = payload as { action: string; traits?: { provider?: string } };
      return `${action} ${traits?.provider}`;
    });
    return lines.toSorted();
  }
}
