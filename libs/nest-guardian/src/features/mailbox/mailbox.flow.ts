import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import type { Flow } from '../../core/flow.js';
import type { Mailbox } from '../../core/ports/mailbox.js';
import type { LocalNeeds } from '../../steps/needs.js';
import type * as contract from './mailbox.contract.js';
import { listPage, messagePage } from './mailbox-page.js';

type Needs = Pick<LocalNeeds, 'mailbox' | 'caller'>;

export const listMailbox: Flow<typeof contract.listMailbox, Needs> = async (_, needs) => ({
  html: listPage(requireMailbox(needs).list()),
});

export const readMailbox: Flow<typeof contract.readMailbox, Needs> = async ({ id }, needs) => ({
  html: messagePage(requireMailbox(needs).find(id) ?? deny(common.featureDisabled)),
});

/** Whoever may not look hears that there is nothing. */
const requireMailbox = ({ mailbox, caller }: Needs): Mailbox =>
  mailbox !== null && caller.isAtThisMachine === true ? mailbox : deny(common.featureDisabled);
