import {
  type FlowState,
  FlowStateStore,
  type FoundAtIdp,
  type IdpFlow,
  type NewFlowState,
  type NewIdpFlow,
} from '../core/ports/flow-states.js';
import type { IdpTokens } from '../core/ports/idps.js';
import type { ColumnEncryption } from '../tokens/column-encryption.js';
import type { Row, Statement, UnitTransaction } from './unit-transaction.js';
import { toDate, toText } from './user-row.js';

const insertion: Statement = {
  name: 'guardian-flow-state-insert',
  text: `INSERT INTO auth.flow_state (id, user_id, auth_code, authentication_method, provider_type,
      code_challenge, code_challenge_method, provider_access_token, provider_refresh_token, created_at, updated_at)
    VALUES (gen_random_uuid(), $1, gen_random_uuid()::text, $2, $3, $4, $5, '', '', $6, $6)`,
};

const issue: Statement = {
  name: 'guardian-flow-state-issue',
  text: `UPDATE auth.flow_state SET auth_code_issued_at = $3, updated_at = $3
    WHERE id = (SELECT f.id FROM auth.flow_state f WHERE f.user_id = $1 AND f.authentication_method = $2
      ORDER BY f.created_at DESC LIMIT 1)
    RETURNING auth_code`,
};

/** A flow without a challenge is one that nobody can prove to have begun. */
const taking: Statement = {
  name: 'guardian-flow-state-take',
  text: `DELETE FROM auth.flow_state
    WHERE auth_code = $1 AND user_id IS NOT NULL AND code_challenge <> '' AND code_challenge_method IS NOT NULL
    RETURNING id, user_id, authentication_method, provider_type, code_challenge, code_challenge_method, created_at,
      auth_code_issued_at, provider_access_token, provider_refresh_token`,
};

/** GoTrue: a way without a challenge has no code, and its challenge is not empty but not there. */
const idpInsertion: Statement = {
  name: 'guardian-flow-state-insert-idp',
  text: `INSERT INTO auth.flow_state (id, auth_code, authentication_method, provider_type, code_challenge,
      code_challenge_method, provider_access_token, provider_refresh_token, referrer, invite_token, linking_target_id,
      email_optional, created_at, updated_at)
    VALUES ($1, CASE WHEN $3::text IS NULL THEN NULL ELSE gen_random_uuid()::text END, 'oauth', $2, $3, $4, '', '', $5, $6,
      $7, $8, $9, $9)`,
};

const finding: Statement = {
  name: 'guardian-flow-state-find-idp',
  text: `SELECT id, user_id, provider_type, code_challenge, code_challenge_method, referrer, invite_token,
      linking_target_id, email_optional, created_at, auth_code_issued_at
    FROM auth.flow_state WHERE id = $1 AND authentication_method = 'oauth'`,
};

/** A row that has gone out with a code is claimed by it, also where a GoTrue server gave it. */
const claiming: Statement = {
  name: 'guardian-flow-state-claim',
  text: `UPDATE auth.flow_state SET auth_code_issued_at = $2, updated_at = $2
    WHERE id = $1 AND auth_code_issued_at IS NULL AND user_id IS NULL RETURNING 1`,
};

const ending: Statement = {
  name: 'guardian-flow-state-end',
  text: 'DELETE FROM auth.flow_state WHERE id = $1 RETURNING 1',
};

const idpIssue: Statement = {
  name: 'guardian-flow-state-issue-idp',
  text: `UPDATE auth.flow_state SET user_id = $2, provider_access_token = $3, provider_refresh_token = $4,
      auth_code_issued_at = $5, updated_at = $5
    WHERE id = $1 AND user_id IS NULL RETURNING auth_code`,
};

/** The table `auth.flow_state`, which a GoTrue server reads too. */
export class TypeormFlowStateStore extends FlowStateStore {
  constructor(
    private readonly transaction: UnitTransaction,
    private readonly encryption: ColumnEncryption,
  ) {
    super();
  }

  override async start(flow: NewFlowState): Promise<void> {
    const { userId, authenticationMethod, providerType, challenge, challengeMethod, at } = flow;
    const values = [userId, authenticationMethod, providerType, challenge, challengeMethod, at];
    await this.transaction.write(insertion, values);
  }

  override async issueCode(userId: string, authenticationMethod: string, at: Date): Promise<string | null> {
    const [row] = await this.transaction.write(issue, [userId, authenticationMethod, at]);
    return toText(row?.auth_code);
  }

  override async take(code: string): Promise<FlowState | null> {
    const [row] = await this.transaction.write(taking, [code]);
    if (!row) return null;
    return {
      id: row.id as string,
      userId: row.user_id as string,
      authenticationMethod: row.authentication_method as string,
      providerType: row.provider_type as string,
      challenge: row.code_challenge as string,
      challengeMethod: row.code_challenge_method as FlowState['challengeMethod'],
      createdAt: toDate(row.created_at) ?? new Date(0),
      codeIssuedAt: toDate(row.auth_code_issued_at),
      idpTokens: this.#openTokens(row),
    };
  }

  override async startAtIdp(flow: NewIdpFlow): Promise<void> {
    const { id, provider, challenge, target, linkingTargetId, isEmailOptional, at } = flow;
    const [value, method] = [challenge?.value ?? null, challenge?.method ?? null];
    const invitation = flow.inviteToken && this.#keep(id, flow.inviteToken, flow.encrypts);
    const values = [id, provider, value, method, target, invitation, linkingTargetId, isEmailOptional, at];
    await this.transaction.write(idpInsertion, values);
  }

  override async findAtIdp(id: string): Promise<IdpFlow | null> {
    const [row] = await this.transaction.read(finding, [id]);
    if (!row) return null;
    const flow = toIdpFlow(row);
    return { ...flow, inviteToken: flow.inviteToken && this.#open(id, flow.inviteToken) };
  }

  override async claim(id: string, at: Date): Promise<boolean> {
    return (await this.transaction.writeForGood(claiming, [id, at])).length > 0;
  }

  override async end(id: string): Promise<boolean> {
    return (await this.transaction.write(ending, [id])).length > 0;
  }

  override async issueIdpCode(id: string, found: FoundAtIdp): Promise<string | null> {
    const { userId, tokens, encrypts, at } = found;
    const keep = (token: string | null): string => (token ? this.#keep(id, token, encrypts) : '');
    const values = [id, userId, keep(tokens.accessToken), keep(tokens.refreshToken), at];
    const [row] = await this.transaction.write(idpIssue, values);
    return toText(row?.auth_code);
  }

  #keep(id: string, token: string, encrypts: boolean): string {
    return encrypts ? this.encryption.forOurselves.seal(id, token) : token;
  }

  /** Both forms are read: what an option says now need not be what it said when the row was written. */
  #open(id: string, kept: string): string {
    return this.encryption.forOurselves.open(id, kept);
  }

  #openTokens({ id, provider_access_token: access, provider_refresh_token: refresh }: Row): IdpTokens | null {
    if (!access) return null;
    const open = (kept: unknown): string => this.#open(id as string, kept as string);
    return { accessToken: open(access), refreshToken: refresh ? open(refresh) : null };
  }
}

function toIdpFlow(row: Row): IdpFlow {
  const challenge = toText(row.code_challenge);
  return {
    id: row.id as string,
    provider: row.provider_type as string,
    challenge:
      challenge === null
        ? null
        : { value: challenge, method: row.code_challenge_method as FlowState['challengeMethod'] },
    target: toText(row.referrer) ?? '',
    inviteToken: toText(row.invite_token),
    linkingTargetId: toText(row.linking_target_id),
    isEmailOptional: row.email_optional === true,
    createdAt: toDate(row.created_at) ?? new Date(0),
    isClaimed: row.user_id !== null || row.auth_code_issued_at !== null,
  };
}
