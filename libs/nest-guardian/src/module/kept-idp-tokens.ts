import { Injectable } from '@nestjs/common';
import { AuthProvider } from '../core/auth-provider.js';
import type { IdpTokens } from '../core/ports/idps.js';
import { isUuid } from '../core/uuid.js';
import type { LocalProvider } from '../providers/local/local.provider.js';

/** What identity providers gave with people, where `oauth.keepIdpTokens` of `local()` says that it is kept. */
@Injectable()
export class KeptIdpTokens {
  constructor(private readonly provider: AuthProvider) {}

  /**
   * The tokens from the last time that this person came back from this provider; null where there are none. They open
   * another account of theirs: whose they are to be is the caller's business. Nothing here renews those that have expired.
   */
  async of(userId: string, provider: string): Promise<IdpTokens | null> {
    if (!hasIdpTokens(this.provider)) {
      throw new TypeError('Tokens of identity providers are kept by local() alone (oauth.keepIdpTokens)');
    }
    return isUuid(userId) ? this.provider.idpTokensOf(userId, provider) : null;
  }
}

const hasIdpTokens = (provider: object): provider is Pick<LocalProvider, 'idpTokensOf'> =>
  'idpTokensOf' in provider;
