import { conditions } from '../../core/condition.js';
import { operation } from '../../core/operation.js';
import { isSessionBody, type CaptchaMembers, type SessionBody } from '../../wire/session.js';

/** What can go wrong with passkeys. Codes and words are GoTrue's (contract 2.18). */
export const passkeyConditions = conditions({
  passkeyDisabled: { code: 'passkey_disabled', status: 404, message: 'Passkeys are disabled' },
});

const off = passkeyConditions.passkeyDisabled;

export interface PasskeyChallengeBody {
  readonly challenge_id: string;
  /** What the browser's credential API is called with, its bytes in base64url. */
  readonly options: Record<string, unknown>;
  /** Unix seconds. */
  readonly expires_at: number;
}

export interface PasskeyAnswerInput {
  readonly challenge_id?: string;
  readonly credential?: Record<string, unknown>;
}

export interface PasskeyBody {
  readonly id: string;
  readonly friendly_name?: string;
  readonly created_at: string;
  readonly last_used_at?: string;
}

/** Asks whoever comes for a passkey. */
export const beginPasskeySignIn = operation<CaptchaMembers, PasskeyChallengeBody>()({
  name: 'beginPasskeySignIn',
  method: 'POST',
  path: '/passkeys/authentication/options',
  access: 'anyone',
  off,
});

/** Opens a session for whom the passkey belongs to. */
export const signInWithPasskey = operation<PasskeyAnswerInput, SessionBody>()({
  name: 'signInWithPasskey',
  method: 'POST',
  path: '/passkeys/authentication/verify',
  access: 'anyone',
  fits: isSessionBody,
  off,
});

/** Asks the signed-in person's browser to make a passkey. */
export const beginPasskeyRegistration = operation<Record<never, never>, PasskeyChallengeBody>()({
  name: 'beginPasskeyRegistration',
  method: 'POST',
  path: '/passkeys/registration/options',
  access: 'member',
  off,
});

/** Keeps the passkey that the browser made. */
export const registerPasskey = operation<PasskeyAnswerInput, PasskeyBody>()({
  name: 'registerPasskey',
  method: 'POST',
  path: '/passkeys/registration/verify',
  access: 'member',
  off,
});

/** The signed-in person's passkeys. */
export const listPasskeys = operation<Record<never, never>, readonly PasskeyBody[]>()({
  name: 'listPasskeys',
  method: 'GET',
  path: '/passkeys',
  access: 'user',
  off,
});

interface OfPasskey {
  readonly passkey_id: string;
}

/** Gives a passkey another name. */
export const renamePasskey = operation<OfPasskey & { readonly friendly_name?: string }, PasskeyBody>()({
  name: 'renamePasskey',
  method: 'PATCH',
  path: '/passkeys/:passkey_id',
  access: 'user',
  off,
});

/** Gives a passkey up. */
export const deletePasskey = operation<OfPasskey, void>()({
  name: 'deletePasskey',
  method: 'DELETE',
  path: '/passkeys/:passkey_id',
  access: 'user',
  answers: 'nothing',
  off,
});
