import { conditions } from '../../core/condition.js';
import { operation } from '../../core/operation.js';
import { isSessionBody, type SessionBody } from '../../wire/session.js';

/** What can go wrong with second factors. Codes and words are GoTrue's (contract 2.17). */
export const mfaConditions = conditions({
  factorTypeUnknown: {
    code: 'validation_failed',
    status: 400,
    message: 'factor_type needs to be totp, phone, or webauthn',
  },
  totpEnrollmentOff: {
    code: 'mfa_totp_enroll_not_enabled',
    status: 422,
    message: 'MFA enroll is disabled for TOTP',
  },
  phoneEnrollmentOff: {
    code: 'mfa_phone_enroll_not_enabled',
    status: 422,
    message: 'MFA enroll is disabled for Phone',
  },
  webauthnEnrollmentOff: {
    code: 'mfa_webauthn_enroll_not_enabled',
    status: 422,
    message: 'MFA enroll is disabled for WebAuthn',
  },
  factorNotFound: { code: 'mfa_factor_not_found', status: 404, message: 'Factor not found' },
});

export interface EnrollFactorInput {
  readonly factor_type?: string;
  readonly friendly_name?: string;
  readonly issuer?: string;
  readonly phone?: string;
}

export interface EnrollmentBody {
  readonly id: string;
  readonly type: string;
  readonly friendly_name: string;
  readonly totp?: { readonly qr_code: string; readonly secret: string; readonly uri: string };
  readonly phone?: string;
}

/** Begins to set up a second factor; it counts once it has been verified. */
export const enrollFactor = operation<EnrollFactorInput, EnrollmentBody>()({
  name: 'enrollFactor',
  method: 'POST',
  path: '/factors',
  access: 'member',
  off: mfaConditions.totpEnrollmentOff,
});

interface OfFactor {
  readonly factor_id: string;
}

export interface ChallengeBody {
  readonly id: string;
  readonly type: string;
  /** Unix seconds. */
  readonly expires_at: number;
}

/** Asks the factor for a proof. */
export const challengeFactor = operation<OfFactor & { readonly channel?: string }, ChallengeBody>()({
  name: 'challengeFactor',
  method: 'POST',
  path: '/factors/:factor_id/challenge',
  access: 'member',
  off: mfaConditions.factorNotFound,
});

export interface VerifyFactorInput extends OfFactor {
  readonly challenge_id?: string;
  readonly code?: string;
  readonly webauthn?: Record<string, unknown>;
}

/** Gives the proof and raises the session to aal2. */
export const verifyFactor = operation<VerifyFactorInput, SessionBody>()({
  name: 'verifyFactor',
  method: 'POST',
  path: '/factors/:factor_id/verify',
  access: 'member',
  fits: isSessionBody,
  off: mfaConditions.factorNotFound,
});

/** Gives a factor up. */
export const unenrollFactor = operation<OfFactor, { readonly id: string }>()({
  name: 'unenrollFactor',
  method: 'DELETE',
  path: '/factors/:factor_id',
  access: 'member',
  off: mfaConditions.factorNotFound,
});
