import { randomBytes } from 'node:crypto';
import type { Page } from '../../core/operation.js';
import type { IdpFlow } from '../../core/ports/flow-states.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { isSameText } from '../../tokens/same-text.js';
import { escapeHtml, pageWithButton } from '../../wire/html.js';
import type { LinksSettings } from '../links/links.options.js';
import { type BindingNeeds, isSameBrowser, markBrowser, markOf } from './browser-binding.js';
import type { CallbackInput } from './callback.contract.js';
import type { OauthSettings } from './oauth.options.js';

type Needs = BindingNeeds &
  Pick<LocalNeeds, 'users' | 'caller'> & {
    readonly settings: { readonly oauth: OauthSettings; readonly links: LinksSettings };
  };

/**
 * Whether somebody has to say first that they want this way in: it opens an account that a page elsewhere may have asked
 * it for, and nothing in this browser tells that it was theirs. Whoever comes back with a no links nothing.
 */
export const isToBeConfirmed = (flow: IdpFlow, input: CallbackInput, needs: Needs): boolean =>
  needs.settings.oauth.bindToBrowser &&
  flow.linkingTargetId !== null &&
  Boolean(input.code && !input.error) &&
  !isSameBrowser(flow.id, needs) &&
  !isConfirmed(input, needs);

/**
 * Whether the button was pressed on the page that this browser was shown: what the page holds and the cookie that came
 * with it are the same. A page elsewhere can read neither, and sends no cookie with its form.
 */
export function isConfirmed({ state = '', confirmed = '' }: CallbackInput, needs: Needs): boolean {
  const shown = markOf(state.toLowerCase(), needs);
  return confirmed !== '' && shown !== null && isSameText(shown, confirmed);
}

/** Asks for a press of a button. Nothing is spent: the provider is asked and the state used up by who presses it. */
export async function confirmLinkPage(
  { id, provider, linkingTargetId }: IdpFlow,
  needs: Needs,
): Promise<Page> {
  const target = await needs.users.findById(linkingTargetId ?? '');
  const confirmed = randomBytes(18).toString('base64url');
  const idp = escapeHtml(provider);
  const { host } = new URL(needs.places.siteUrl);
  const html = pageWithButton({
    title: 'Add a way to sign in',
    method: 'post',
    says: [
      `From now on <strong>${idp}</strong>, where you have just signed in, is to open ` +
        `<strong>${escapeHtml(describe(target))}</strong> at ${escapeHtml(host)}.`,
      'If that is not your account, or you did not ask for this a moment ago, close this page.',
    ],
    members: { confirmed },
    button: `Add ${idp}`,
  });
  return { html, cookies: [markBrowser(id, confirmed, needs)] };
}

/**
 * Whole: two addresses that look alike behind asterisks are what somebody would make who wants theirs taken for another.
 * For the same reason one that nobody has proved is not told. It is told to whom the account's owner gave the state.
 */
function describe(user: User | null): string {
  if (user?.email && user.emailConfirmedAt !== null) return `the account of ${user.email}`;
  if (user?.phone && user.phoneConfirmedAt !== null) return `the account of +${user.phone}`;
  return 'an account without a confirmed address';
}
