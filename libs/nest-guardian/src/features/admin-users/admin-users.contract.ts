import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation } from '../../core/operation.js';
import { isUserBody, type UserBody } from '../../wire/user.js';

/** What can go wrong when an administrator makes or changes an account. Codes and words are GoTrue's (contract 2.14). */
export const adminUserConditions = conditions({
  addressesMissing: {
    code: 'validation_failed',
    status: 400,
    message: 'Cannot create a user without either an email or phone',
  },
  emailRequired: { code: 'validation_failed', status: 400, message: 'An email address is required' },
  emailTaken: {
    code: 'email_exists',
    status: 422,
    message: 'A user with this email address has already been registered',
  },
  phoneTaken: {
    code: 'phone_exists',
    status: 422,
    message: 'Phone number already registered by another user',
  },
  passwordAndHash: {
    code: 'validation_failed',
    status: 400,
    message: 'Only a password or a password hash should be provided',
  },
  // GoTrue: a 500, which clients take for an outage.
  hashUnreadable: {
    code: 'validation_failed',
    status: 400,
    message: 'The password hash is none of bcrypt or argon2 that can be verified here',
  },
  idNotUuid: { code: 'validation_failed', status: 400, message: 'ID must conform to the uuid v4 format' },
  idNil: { code: 'validation_failed', status: 400, message: 'ID cannot be a nil uuid' },
  idTaken: { code: 'conflict', status: 409, message: 'A user with this id is there already' },
  banDurationInvalid: {
    code: 'validation_failed',
    status: 400,
    message: (text) => `invalid format for ban duration: time: invalid duration ${text}`,
  },
});

/** What an administrator may say of an account. */
export interface AdminUserInput {
  readonly email?: string;
  readonly phone?: string;
  readonly password?: string;
  readonly role?: string;
  /** Whether the address counts as confirmed. */
  readonly email_confirm?: boolean;
  readonly phone_confirm?: boolean;
  readonly user_metadata?: Record<string, unknown>;
  readonly app_metadata?: Record<string, unknown>;
  /** As Go writes durations, `24h` or `1h30m`; `none` lifts a ban. */
  readonly ban_duration?: string;
}

export interface CreateUserInput extends AdminUserInput {
  readonly id?: string;
  readonly aud?: string;
  /** A hash by bcrypt or argon2, as another server has it, in place of the password. */
  readonly password_hash?: string;
}

/** Makes an account, with whatever an administrator says of it. Nothing is mailed, and nobody is signed in. */
export const createUser = operation<CreateUserInput, UserBody>()({
  name: 'createUser',
  method: 'POST',
  path: '/admin/users',
  access: 'admin',
  fits: isUserBody,
  off: common.featureDisabled,
});
