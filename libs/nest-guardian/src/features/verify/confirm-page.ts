import type { Page } from '../../core/operation.js';
import { pageWithButton } from '../../wire/html.js';
import type { VerifyByLinkInput } from './verify.contract.js';

/** Asks for a press of a button before a link is redeemed: programs that read mail follow links, but send no forms. */
export const confirmPage = ({ token, type, redirect_to }: VerifyByLinkInput): Page => ({
  html: pageWithButton({
    title: 'Continue',
    method: 'get',
    says: ['You have followed a link from a mail. One more step and you are there.'],
    members: { token, type, redirect_to, confirm: 'yes' },
    button: 'Continue',
  }),
});
