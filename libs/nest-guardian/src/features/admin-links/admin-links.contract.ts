import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation } from '../../core/operation.js';
import { isUserBody, type UserBody } from '../../wire/user.js';

/** What can go wrong when an administrator asks for a link. Codes and words are GoTrue's (contract 2.15). */
export const adminLinkConditions = conditions({
  linkUserNotFound: { code: 'user_not_found', status: 404, message: 'User with this email not found' },
  linkTypeUnknown: {
    code: 'validation_failed',
    status: 400,
    message: (type) => `Invalid email action link type requested: ${type}`,
  },
  currentEmailNotAsked: {
    code: 'validation_failed',
    status: 400,
    message: 'Enable secure email change to generate link for current email',
  },
});

/** What a link may be asked for. */
export type AdminLinkType =
  'signup' | 'invite' | 'magiclink' | 'recovery' | 'email_change_current' | 'email_change_new';

export interface GenerateLinkInput {
  readonly type?: string;
  readonly email?: string;
  /** Of the account that a link of type `signup` makes. */
  readonly password?: string;
  readonly data?: Record<string, unknown>;
  readonly new_email?: string;
  readonly redirect_to?: string;
}

/** The user, and beside them what would have been mailed. */
export interface GeneratedLinkBody extends UserBody {
  readonly action_link: string;
  /** The code of the same mail. */
  readonly email_otp: string;
  /** What the link carries, and what is verified as `token_hash`. */
  readonly hashed_token: string;
  /** What it is verified as. A magic link for somebody new is a sign-up. */
  readonly verification_type: AdminLinkType;
  readonly redirect_to: string;
}

/**
 * Makes the link of a mail, for an administrator to send as they like. Whoever holds it is let in as the user.
 * Links that were sent before for the same purpose open nothing any more.
 */
export const generateLink = operation<GenerateLinkInput, GeneratedLinkBody>()({
  name: 'generateLink',
  method: 'POST',
  path: '/admin/generate_link',
  access: 'admin',
  redirectInBody: true,
  fits: isUserBody,
  off: common.featureDisabled,
});
