import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation } from '../../core/operation.js';
import type { PkceMembers } from '../../wire/session.js';
import { isUserBody, type UserBody } from '../../wire/user.js';

/** What can go wrong when a person changes their own account. Codes and words are GoTrue's (contract 2.9). */
export const userConditions = conditions({
  audienceMismatch: {
    code: 'validation_failed',
    status: 400,
    message: "Token audience doesn't match request audience",
  },
  appMetadataNotAdmin: {
    code: 'not_admin',
    status: 403,
    message: 'Updating app_metadata requires admin privileges',
  },
  metadataTooLarge: {
    code: 'validation_failed',
    status: 422,
    message: (limit) => `User metadata may have at most ${limit} bytes as JSON`,
  },
  samePassword: {
    code: 'same_password',
    status: 422,
    message: 'New password should be different from the old password.',
  },
  emailExists: {
    code: 'email_exists',
    status: 422,
    message: 'A user with this email address has already been registered',
  },
  anonymousPassword: {
    code: 'validation_failed',
    status: 422,
    message: 'Updating password of an anonymous user without an email or phone is not allowed',
  },
  userSsoManaged: {
    code: 'user_sso_managed',
    status: 422,
    message: 'Cannot update email, phone, password, or nonce of an SSO user',
  },
  aalTooLow: {
    code: 'insufficient_aal',
    status: 401,
    applicationStatus: 403,
    message: 'AAL2 session is required to update email or password when MFA is enabled.',
  },
  phoneExists: {
    code: 'phone_exists',
    status: 422,
    message: 'A user with this phone number has already been registered',
  },
  reauthenticationNeeded: {
    code: 'reauthentication_needed',
    status: 400,
    message: 'Password update requires reauthentication',
  },
  reauthenticationNotValid: {
    code: 'reauthentication_not_valid',
    status: 422,
    message: 'Nonce has expired or is invalid',
  },
  // GoTrue: the same words whether it is missing or wrong.
  currentPasswordRequired: {
    code: 'current_password_required',
    status: 400,
    message: 'Current password required when setting new password.',
  },
  currentPasswordInvalid: {
    code: 'current_password_invalid',
    status: 400,
    message: 'Current password required when setting new password.',
  },
  phoneChangeOff: {
    code: 'phone_provider_disabled',
    status: 422,
    message: 'Changing the phone number needs text messages, which are not switched on',
  },
});

/** The person whose token it is, as the database has them now. */
export const getUser = operation<Record<never, never>, UserBody>()({
  name: 'getUser',
  method: 'GET',
  path: '/user',
  access: 'user',
  fits: isUserBody,
  off: common.featureDisabled,
});

export interface UpdateUserInput extends PkceMembers {
  readonly email?: string;
  readonly phone?: string;
  readonly password?: string;
  /** May stand in place of the nonce. */
  readonly current_password?: string;
  /** The code that `reauthenticate` has sent, for a new password in a session that is no longer fresh. */
  readonly nonce?: string;
  /** Merged into `user_metadata`, one level deep; a null removes the key. */
  readonly data?: Record<string, unknown>;
  readonly app_metadata?: Record<string, unknown>;
  readonly channel?: string;
  readonly redirect_to?: string;
}

/**
 * Changes what is given and leaves the rest. Another address or number becomes the person's once it is confirmed. A
 * new password ends every other session of the user, and whatever was sent before opens nothing any more.
 */
export const updateUser = operation<UpdateUserInput, UserBody>()({
  name: 'updateUser',
  method: 'PUT',
  path: '/user',
  access: 'user',
  fits: isUserBody,
  query: ['redirect_to'],
  off: common.featureDisabled,
});
