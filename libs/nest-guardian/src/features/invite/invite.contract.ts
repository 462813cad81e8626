import { common } from '../../core/conditions.js';
import { operation } from '../../core/operation.js';
import { isUserBody, type UserBody } from '../../wire/user.js';

export interface InviteInput {
  readonly email?: string;
  readonly data?: Record<string, unknown>;
  readonly redirect_to?: string;
}

/**
 * Makes a user who has not confirmed yet, or takes the one there is, and mails them a link. Whose address is
 * confirmed already is refused.
 */
export const invite = operation<InviteInput, UserBody>()({
  name: 'invite',
  method: 'POST',
  path: '/invite',
  access: 'admin',
  query: ['redirect_to'],
  fits: isUserBody,
  off: common.featureDisabled,
});
