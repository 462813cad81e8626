import { conditions } from '../../core/condition.js';
import { type NextUrl, operation } from '../../core/operation.js';
import type { PkceMembers } from '../../wire/session.js';

/** What can go wrong with a person's own identities. Codes and words are GoTrue's (contract 2.12). */
export const identitiesConditions = conditions({
  manualLinkingDisabled: {
    code: 'manual_linking_disabled',
    status: 404,
    message: 'Manual linking is disabled',
  },
  identityIdNotUuid: {
    code: 'validation_failed',
    status: 404,
    message: 'identity_id must be an UUID',
  },
  unexpectedAudience: {
    code: 'unexpected_audience',
    status: 403,
    message: "Token audience doesn't match request audience",
  },
  singleIdentityNotDeletable: {
    code: 'single_identity_not_deletable',
    status: 422,
    message: 'User must have at least 1 identity after unlinking',
  },
  identityNotFound: {
    code: 'identity_not_found',
    status: 422,
    message: "Identity doesn't exist",
  },
  emailConflictIdentityNotDeletable: {
    code: 'email_conflict_identity_not_deletable',
    status: 422,
    message: 'Unable to unlink identity due to email conflict',
  },
  identityAlreadyLinked: {
    code: 'identity_already_exists',
    status: 422,
    message: 'Identity is already linked',
  },
  identityOfAnother: {
    code: 'identity_already_exists',
    status: 422,
    message: 'Identity is already linked to another user',
  },
  linkedEmailTaken: {
    code: 'email_exists',
    status: 400,
    applicationStatus: 422,
    message: 'A user with this email address has already been registered',
  },
  linkedEmailBeingVerified: {
    code: 'email_not_confirmed',
    status: 422,
    message: (idp) => `Unverified email with ${idp}. A confirmation email has been sent to your ${idp} email`,
  },
});

export interface LinkIdentityInput extends PkceMembers {
  readonly provider?: string;
  readonly scopes?: string;
  readonly redirect_to?: string;
  /** What else the identity provider may understand. */
  readonly [member: string]: string | undefined;
}

/**
 * Where to send the browser, so that the signed-in person gets one more way in. Where the local provider binds ways to
 * browsers, one that does not keep the answer's cookie is asked on a page whether it wants that.
 * @throws manualLinkingDisabled, idpUnsupported, idpDisabled, idpUnavailable, and what is wrong with the challenge
 */
export const linkIdentity = operation<LinkIdentityInput, NextUrl>()({
  name: 'linkIdentity',
  method: 'GET',
  path: '/user/identities/authorize',
  access: 'user',
  query: 'all',
  answers: 'url',
  fixed: { skip_http_redirect: 'true' },
  changes: true,
  off: identitiesConditions.manualLinkingDisabled,
});

/**
 * Takes a way in away from the signed-in person; never the last one. Where it was what their address came from, they
 * get that of another.
 * @throws manualLinkingDisabled, identityIdNotUuid, unexpectedAudience, singleIdentityNotDeletable, identityNotFound,
 * emailConflictIdentityNotDeletable
 */
export const unlinkIdentity = operation<{ readonly identity_id: string }, object>()({
  name: 'unlinkIdentity',
  method: 'DELETE',
  path: '/user/identities/:identity_id',
  access: 'user',
  off: identitiesConditions.manualLinkingDisabled,
});
