import { conditions } from '../../core/condition.js';

/** What can go wrong wherever somebody administers. Codes and words are GoTrue's (contract 1, 2.14). */
export const adminConditions = conditions({
  adminSessionOver: {
    code: 'session_expired',
    status: 403,
    applicationStatus: 401,
    message: 'Session is no longer valid',
  },
  userIdNotUuid: { code: 'validation_failed', status: 404, message: 'user_id must be an UUID' },
  userNotFound: { code: 'user_not_found', status: 404, message: 'User not found' },
  pagingInvalid: {
    code: 'validation_failed',
    status: 400,
    message: (reason) => `Bad Pagination Parameters: ${reason}`,
  },
});

/** Which page, and how many on each. Empty is as good as left out. */
export interface PagingInput {
  /** From 1. */
  readonly page?: string | number;
  /** 50 unless said otherwise, 1000 at most: who asks for more gets so many. */
  readonly per_page?: string | number;
}

/** Whose account it is. */
export interface OfUser {
  readonly user_id: string;
}
