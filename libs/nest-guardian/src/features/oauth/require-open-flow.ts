import { deny } from '../../core/auth-error.js';
import type { IdpFlow } from '../../core/ports/flow-states.js';
import { isUuid } from '../../core/uuid.js';
import type { LocalNeeds } from '../../steps/needs.js';
import type { LinksSettings } from '../links/links.options.js';
import { isBoundToBrowser, isSameBrowser } from './browser-binding.js';
import { callbackConditions, type CallbackInput } from './callback.contract.js';
import { oauthConditions } from './oauth.contract.js';
import type { OauthSettings } from './oauth.options.js';

type Needs = Pick<LocalNeeds, 'flowStates' | 'users' | 'tokens' | 'places' | 'caller' | 'clock'> & {
  readonly settings: { readonly oauth: OauthSettings; readonly links: LinksSettings };
};

/**
 * The way to an identity provider that this browser comes back from: begun here, not long ago, and not ended yet. That
 * whoever links something has asked for it is not said by that.
 * @throws callbackWithoutState, stateInvalid, stateUnknown, stateExpired, stateAlreadyUsed, stateOfOtherBrowser,
 * linkTargetNotFound
 */
export async function requireOpenFlow({ state = '' }: CallbackInput, needs: Needs): Promise<IdpFlow> {
  const { oauth, links } = needs.settings;
  const now = needs.clock.now();
  if (state === '') deny(callbackConditions.callbackWithoutState);
  if (!isUuid(state)) deny(callbackConditions.stateInvalid);
  const flow =
    (await needs.flowStates.findAtIdp(state.toLowerCase())) ?? deny(callbackConditions.stateUnknown);
  // Of a way in that is added the person is asked, in whatever browser they are.
  const isBound = oauth.bindToBrowser && flow.linkingTargetId === null && isBoundToBrowser(flow);
  if (isBound && !isSameBrowser(flow.id, needs)) deny(callbackConditions.stateOfOtherBrowser);
  if (flow.createdAt.getTime() + links.pkceLifetime < now.getTime()) deny(callbackConditions.stateExpired);
  if (flow.isClaimed) deny(callbackConditions.stateAlreadyUsed);
  await requireLinkTarget(flow, needs);
  return flow;
}

/** From here on the way is spent, whatever comes of it, where that is the option. @throws stateAlreadyUsed */
export async function spendFlow({ id }: IdpFlow, { flowStates, clock, settings }: Needs): Promise<void> {
  if (settings.oauth.spendStateAlways && !(await flowStates.claim(id, clock.now())))
    deny(callbackConditions.stateAlreadyUsed);
}

async function requireLinkTarget({ linkingTargetId }: IdpFlow, { users }: Needs): Promise<void> {
  if (linkingTargetId === null) return;
  const target = await users.findById(linkingTargetId);
  if (target === null || target.deletedAt !== null) deny(oauthConditions.linkTargetNotFound);
}
