import { deny } from '../core/auth-error.js';
import type { Clock } from '../core/ports/clock.js';
import { Idp, type IdpRequest, type IdpReturn } from '../core/ports/idps.js';
import { oauthConditions } from '../features/oauth/oauth.contract.js';
import type { IdpOptions } from './choose-idp.js';
import type { IdpDefinition } from './idp-definition.js';

export interface IdpParts {
  readonly definition: IdpDefinition;
  readonly clientIds: readonly string[];
  readonly options: IdpOptions;
  readonly clock: Clock;
}

export class OpenidIdp extends Idp {
  readonly isEmailOptional: boolean;
  readonly redirectUri: string | null;
  readonly skipsNonceCheck: boolean;

  constructor(
    readonly name: string,
    parts: IdpParts,
  ) {
    super();
    this.isEmailOptional = parts.options.emailOptional ?? false;
    this.redirectUri = parts.options.redirectUri ?? null;
    this.skipsNonceCheck = parts.options.skipNonceCheck ?? false;
  }

  async startUrl(_request: IdpRequest): Promise<string> {
    return deny(oauthConditions.idpUnavailable, { value: this.name });
  }

  async redeem(_returned: IdpReturn): Promise<never> {
    return deny(oauthConditions.idpUnavailable, { value: this.name });
  }

  readIdToken(): null {
    return null;
  }
}
