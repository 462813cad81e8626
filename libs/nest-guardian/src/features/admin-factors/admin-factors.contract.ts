import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation } from '../../core/operation.js';
import type { FactorBody } from '../../wire/user.js';
import type { OfUser } from '../admin/admin.contract.js';

/** What can go wrong when an administrator sees to the factors of somebody. */
export const adminFactorConditions = conditions({
  // GoTrue: a 500, which clients take for an outage.
  userFactorTaken: {
    code: 'mfa_factor_name_conflict',
    status: 422,
    message: 'The user has another factor of this name or number',
  },
});

/** Whose factor, and which. */
export interface OfUserFactor extends OfUser {
  readonly factor_id: string;
}

export interface UpdateUserFactorInput extends OfUserFactor {
  readonly friendly_name?: string;
  /** Of a factor that gets its codes by phone; others pass it by. */
  readonly phone?: string;
}

const isFactorBody = (answer: unknown): boolean =>
  typeof (answer as Partial<FactorBody> | null)?.id === 'string';

/** The factors of somebody, those that they are setting up among them. */
export const listUserFactors = operation<OfUser, readonly FactorBody[]>()({
  name: 'listUserFactors',
  method: 'GET',
  path: '/admin/users/:user_id/factors',
  access: 'admin',
  fits: Array.isArray,
  off: common.featureDisabled,
});

/** Gives a factor of somebody another name or number. @throws factorIdNotUuid, factorNotFound, userFactorTaken */
export const updateUserFactor = operation<UpdateUserFactorInput, FactorBody>()({
  name: 'updateUserFactor',
  method: 'PUT',
  path: '/admin/users/:user_id/factors/:factor_id',
  access: 'admin',
  fits: isFactorBody,
  off: common.featureDisabled,
});

/**
 * Takes a factor from somebody who has lost it. Sessions that it raised fall back to aal1, and with the last one
 * recovery codes go. @throws factorIdNotUuid, factorNotFound
 */
export const deleteUserFactor = operation<OfUserFactor, FactorBody>()({
  name: 'deleteUserFactor',
  method: 'DELETE',
  path: '/admin/users/:user_id/factors/:factor_id',
  access: 'admin',
  fits: isFactorBody,
  off: common.featureDisabled,
});
