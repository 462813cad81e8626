import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation } from '../../core/operation.js';
import { isUserBody, type UserBody } from '../../wire/user.js';

/** What can go wrong with an invitation. Codes and words are GoTrue's (contract 2.13). */
export const inviteConditions = conditions({
  invitedEmailExists: {
    code: 'email_exists',
    status: 422,
    message: 'A user with this email address has already been registered',
  },
});

export interface InviteInput {
  readonly email?: string;
  readonly data?: Record<string, unknown>;
  readonly redirect_to?: string;
}

/** Makes a user who has not confirmed yet, or takes the one there is, and mails them a link. */
export const invite = operation<InviteInput, UserBody>()({
  name: 'invite',
  method: 'POST',
  path: '/invite',
  access: 'admin',
  query: ['redirect_to'],
  fits: isUserBody,
  off: common.featureDisabled,
});
