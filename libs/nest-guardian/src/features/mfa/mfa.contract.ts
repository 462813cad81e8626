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
  totpVerificationOff: {
    code: 'mfa_totp_verify_not_enabled',
    status: 422,
    message: 'MFA verification is disabled for TOTP',
  },
  phoneVerificationOff: {
    code: 'mfa_phone_verify_not_enabled',
    status: 422,
    message: 'MFA verification is disabled for Phone',
  },
  // GoTrue: speaks of enrolment here.
  webauthnVerificationOff: {
    code: 'mfa_webauthn_enroll_not_enabled',
    status: 422,
    message: 'MFA verification is disabled for WebAuthn',
  },
  sessionNeeded: {
    code: 'session_not_found',
    status: 403,
    applicationStatus: 401,
    message: 'Second factors belong to a session, and the token names none',
  },
  factorIdNotUuid: { code: 'validation_failed', status: 404, message: 'factor_id must be an UUID' },
  factorNotFound: { code: 'mfa_factor_not_found', status: 404, message: 'Factor not found' },
  factorNameTaken: {
    code: 'mfa_factor_name_conflict',
    status: 422,
    message: (name) => `A factor with the friendly name ${name} for this user already exists`,
  },
  tooManyFactors: {
    code: 'too_many_enrolled_mfa_factors',
    status: 422,
    message: 'Maximum number of verified factors reached, unenroll to continue',
  },
  aalTooLowToEnroll: {
    code: 'insufficient_aal',
    status: 403,
    message: 'AAL2 required to enroll a new factor',
  },
  aalTooLowToUnenroll: {
    code: 'insufficient_aal',
    status: 422,
    applicationStatus: 403,
    message: 'AAL2 required to unenroll verified factor',
  },
  issuerTooLong: {
    code: 'validation_failed',
    status: 400,
    message: 'issuer is too long for a QR code',
  },
  codeMissing: { code: 'validation_failed', status: 400, message: 'Code needs to be non-empty' },
  challengeNotFound: {
    code: 'mfa_factor_not_found',
    status: 422,
    message: 'MFA factor with the provided challenge ID not found',
  },
  challengeNotForCaller: {
    code: 'mfa_ip_address_mismatch',
    status: 422,
    message: 'Challenge and verify IP addresses mismatch.',
  },
  challengeExpired: {
    code: 'mfa_challenge_expired',
    status: 422,
    message: (id) =>
      `MFA challenge ${id} has expired, verify against another challenge or create a new challenge.`,
  },
  totpCodeWrong: {
    code: 'mfa_verification_failed',
    status: 422,
    message: 'Invalid TOTP code entered',
  },
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
  readonly totp?: {
    /** An SVG image as text. */
    readonly qr_code: string;
    /** The seed in base32. It is shown this once. */
    readonly secret: string;
    readonly uri: string;
  };
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

export interface OfFactor {
  readonly factor_id: string;
}

export interface ChallengeFactorInput extends OfFactor {
  readonly channel?: string;
  readonly webauthn?: Record<string, unknown>;
}

export interface ChallengeBody {
  readonly id: string;
  readonly type: string;
  /** Unix seconds. */
  readonly expires_at: number;
}

/** Asks the factor for a proof. */
export const challengeFactor = operation<ChallengeFactorInput, ChallengeBody>()({
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

/**
 * Gives the proof and raises the session to aal2, with new tokens. A code is good once (RFC 6238 5.2), and wrong ones
 * are counted. Sessions of the person that have not shown a second factor end.
 */
export const verifyFactor = operation<VerifyFactorInput, SessionBody>()({
  name: 'verifyFactor',
  method: 'POST',
  path: '/factors/:factor_id/verify',
  access: 'member',
  fits: isSessionBody,
  off: mfaConditions.factorNotFound,
});

/** Gives a factor up. Sessions that it raised fall back to aal1, and with the last one recovery codes go. */
export const unenrollFactor = operation<OfFactor, { readonly id: string }>()({
  name: 'unenrollFactor',
  method: 'DELETE',
  path: '/factors/:factor_id',
  access: 'member',
  off: mfaConditions.factorNotFound,
});
