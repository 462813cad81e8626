import { common } from '../../core/conditions.js';
import { operation, type Page } from '../../core/operation.js';

const page = {
  method: 'GET',
  access: 'anyone',
  answers: 'page',
  staysHere: true,
  off: common.featureDisabled,
} as const;

/**
 * Mails and texts that stayed here because there is nobody to carry them, for whoever sits at this machine. Not there in
 * production, nor for anybody who is somewhere else.
 */
export const listMailbox = operation<Record<never, never>, Page>()({
  name: 'listMailbox',
  path: '/mailbox',
  ...page,
});

export interface ReadMailboxInput {
  readonly id: string;
}

/** One of them, as its recipient would see it. */
export const readMailbox = operation<ReadMailboxInput, Page>()({
  name: 'readMailbox',
  path: '/mailbox/:id',
  ...page,
});
