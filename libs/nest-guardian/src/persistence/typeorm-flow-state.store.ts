import { type FlowState, FlowStateStore, type NewFlowState } from '../core/ports/flow-states.js';
import type { Statement, UnitTransaction } from './unit-transaction.js';
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
      auth_code_issued_at`,
};

/** The table `auth.flow_state`, which a GoTrue server reads too. */
export class TypeormFlowStateStore extends FlowStateStore {
  constructor(private readonly transaction: UnitTransaction) {
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
    };
  }
}
