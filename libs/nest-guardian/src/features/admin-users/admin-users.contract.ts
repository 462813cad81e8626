import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation, type Paged } from '../../core/operation.js';
import { isUserBody, type UserBody } from '../../wire/user.js';
import type { OfUser, PagingInput } from '../admin/admin.contract.js';

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
  sortInvalid: {
    code: 'validation_failed',
    status: 400,
    message: (reason) => `Bad Sort Parameters: ${reason}`,
  },
  statusUnknown: {
    code: 'validation_failed',
    status: 400,
    message: (choices) => `status must be one of ${choices}`,
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

export interface ListUsersInput extends PagingInput {
  /** `created_at`, with ` asc` or ` desc` behind it. The newest come first unless said otherwise. */
  readonly sort?: string;
  /** Part of an address, or of `user_metadata.full_name` in any case. */
  readonly filter?: string;
  /** The whole address. An addition: a GoTrue server reads it not. */
  readonly email?: string;
  /** `confirmed`, `unconfirmed`, `banned`, `anonymous` or `deleted`. An addition, as `email` is. */
  readonly status?: string;
}

export interface UsersBody {
  readonly users: readonly UserBody[];
  readonly aud: string;
}

const isUsersBody = ({ body }: Partial<Paged<Partial<UsersBody>>>): boolean => Array.isArray(body?.users);

/** Lists the accounts of one audience, page by page. */
export const listUsers = operation<ListUsersInput, Paged<UsersBody>>()({
  name: 'listUsers',
  method: 'GET',
  path: '/admin/users',
  access: 'admin',
  query: 'all',
  answers: 'paged',
  fits: (answer) => isUsersBody(answer as Partial<Paged<UsersBody>>),
  off: common.featureDisabled,
});

/** The account of this id, deleted softly or not. */
export const getUserById = operation<OfUser, UserBody>()({
  name: 'getUserById',
  method: 'GET',
  path: '/admin/users/:user_id',
  access: 'admin',
  fits: isUserBody,
  off: common.featureDisabled,
});

export type UpdateUserByIdInput = OfUser & AdminUserInput;

/**
 * Changes what is given and leaves the rest. An address or a number is the person's at once. A new password and a ban
 * end every session of the person, and with an address, a number or a password whatever was sent before opens nothing
 * any more. What else is said, a role too, reaches access tokens at the next refresh.
 */
export const updateUserById = operation<UpdateUserByIdInput, UserBody>()({
  name: 'updateUserById',
  method: 'PUT',
  path: '/admin/users/:user_id',
  access: 'admin',
  fits: isUserBody,
  off: common.featureDisabled,
});

export interface DeleteUserInput extends OfUser {
  /** Whether the row stays, with nothing in it that says who it was. Again, it changes nothing. */
  readonly should_soft_delete?: boolean;
}

/** Deletes the account and all that hangs on it. Every session ends at once. */
export const deleteUser = operation<DeleteUserInput, Record<never, never>>()({
  name: 'deleteUser',
  method: 'DELETE',
  path: '/admin/users/:user_id',
  access: 'admin',
  off: common.featureDisabled,
});
