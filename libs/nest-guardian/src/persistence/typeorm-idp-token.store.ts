import { IdpTokenStore } from '../core/ports/idp-tokens.js';
import type { IdpTokens } from '../core/ports/idps.js';
import type { ColumnEncryption } from '../tokens/column-encryption.js';
import type { Statement, UnitTransaction } from './unit-transaction.js';
import { toText } from './user-row.js';

const identity: Statement = {
  name: 'guardian-idp-tokens-identity',
  text: 'SELECT id FROM auth.identities WHERE provider = $1 AND provider_id = $2',
};

const keeping: Statement = {
  name: 'guardian-idp-tokens-keep',
  text: `INSERT INTO auth.guardian_idp_tokens AS kept (identity_id, access_token, refresh_token, updated_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (identity_id) DO UPDATE SET access_token = excluded.access_token,
      refresh_token = coalesce(excluded.refresh_token, kept.refresh_token), updated_at = excluded.updated_at`,
};

const finding: Statement = {
  name: 'guardian-idp-tokens-find',
  text: `SELECT t.identity_id, t.access_token, t.refresh_token
    FROM auth.guardian_idp_tokens t JOIN auth.identities i ON i.id = t.identity_id
    WHERE i.user_id = $1 AND i.provider = $2 ORDER BY t.updated_at DESC LIMIT 1`,
};

/** The table `auth.guardian_idp_tokens`, whose rows go with the identities that they belong to. */
export class TypeormIdpTokenStore extends IdpTokenStore {
  constructor(
    private readonly transaction: UnitTransaction,
    private readonly encryption: ColumnEncryption,
  ) {
    super();
  }

  override async keep(
    { provider, providerId }: { readonly provider: string; readonly providerId: string },
    { accessToken, refreshToken }: IdpTokens,
    at: Date,
  ): Promise<void> {
    const [row] = await this.transaction.read(identity, [provider, providerId]);
    if (row === undefined) return;
    const seal = (plain: string): string => this.encryption.seal(row.id as string, plain);
    const values = [row.id, seal(accessToken), refreshToken ? seal(refreshToken) : null, at];
    await this.transaction.write(keeping, values);
  }

  override async find(userId: string, provider: string): Promise<IdpTokens | null> {
    const [row] = await this.transaction.read(finding, [userId, provider]);
    if (row === undefined) return null;
    const open = (sealed: string): string => this.encryption.open(row.identity_id as string, sealed);
    const refreshToken = toText(row.refresh_token);
    return {
      accessToken: open(row.access_token as string),
      refreshToken: refreshToken === null ? null : open(refreshToken),
    };
  }
}
