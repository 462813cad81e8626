import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import type { Flow } from '../../core/flow.js';
import type { IdpFlow } from '../../core/ports/flow-states.js';
import type { Idp, IdpProfile, IdpTokens } from '../../core/ports/idps.js';
import type { User } from '../../core/records.js';
import {
  refusalAfterIdp,
  refusalAtSite,
  withCode,
  withIdpRefusal,
  withIdpSession,
} from '../../steps/browser-redirect.js';
import { type IssueSettings, issueSession } from '../../steps/issue-session.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { type AskNeeds, askIdp, legOf, requireIdp } from './ask-idp.js';
import { oauthConditions } from './oauth.contract.js';
import { isBoundToBrowser, unbindBrowser } from './browser-binding.js';
import type { LinksSettings } from '../links/links.options.js';
import { confirmLinkPage, isConfirmed, isToBeConfirmed } from './confirm-link.js';
import type { AccountNeeds } from './found-person.js';
import { linkAccount } from './link-account.js';
import { callbackConditions, type CallbackInput, type callback as operation } from './callback.contract.js';
import { requireOpenFlow, spendFlow } from './require-open-flow.js';
import { resolveAccount } from './resolve-account.js';

type Needs = AskNeeds &
  AccountNeeds &
  Pick<LocalNeeds, 'flowStates' | 'idpTokens' | 'sessions' | 'places'> & {
    readonly settings: AskNeeds['settings'] &
      AccountNeeds['settings'] &
      IssueSettings & { readonly links: LinksSettings };
  };

/** Whom the provider has named, and the tokens with which its own API is called in their name. */
interface Found {
  readonly idp: Idp;
  readonly profile: IdpProfile;
  readonly tokens: IdpTokens;
}

export const callback: Flow<typeof operation, Needs> = async (input, needs) => {
  const lost = (error: unknown): never => {
    throw refusalAtSite(needs.places.siteUrl, error);
  };
  const flow = await requireOpenFlow(input, needs).catch(lost);
  if (isToBeConfirmed(flow, input, needs)) return confirmLinkPage(flow, needs);
  await spendFlow(flow, needs).catch(lost);
  const target = needs.settings.oauth.redirectUrl || flow.target || needs.places.siteUrl;
  const cookies = isBoundToBrowser(flow) ? [unbindBrowser(flow.id, needs)] : [];
  return { location: await follow(flow, { target, input }, needs), status: 302, cookies };
};

interface Arrival {
  readonly target: string;
  readonly input: CallbackInput;
}

async function follow(flow: IdpFlow, { target, input }: Arrival, needs: Needs): Promise<string> {
  const { error, error_description: description = '' } = input;
  if (error) return withIdpRefusal(target, { error, description });
  try {
    const found = await ask(flow, input, needs);
    return await (flow.challenge === null ? openSession : giveCode)(target, { flow, found }, needs);
  } catch (thrown) {
    throw refusalAfterIdp(target, thrown);
  }
}

/** RFC 9700 4.4.2: the flow says who is asked, whoever sent the browser. */
async function ask(flow: IdpFlow, input: CallbackInput, needs: Needs): Promise<Found> {
  if (!input.code) deny(callbackConditions.callbackWithoutCode);
  const idp = requireIdp(flow.provider, needs);
  const returned = { ...legOf(flow.id, idp, needs), answer: Object.fromEntries(membersOf(input)) };
  const found = await askIdp(() => idp.redeem(returned), needs);
  // GoTrue: who has no address there does not come back, not even with one more way in to an account that has one.
  if (found.profile.email === null && !idp.isEmailOptional && !needs.settings.oauth.tellIdpFaults)
    deny(oauthConditions.idpFault, { value: 'Error getting user email from external provider' });
  return { idp, ...found };
}

interface Return {
  readonly flow: IdpFlow;
  readonly found: Found;
}

async function openSession(target: string, { flow, found }: Return, needs: Needs): Promise<string> {
  const user = await accountOf(flow, found, needs);
  // Race: of two who come back with one state, the later finds nothing here, and what it did is undone.
  if (!(await needs.flowStates.end(flow.id))) deny(callbackConditions.stateUnknown);
  const session = await issueSession(user, { method: 'oauth' }, needs);
  return withIdpSession(target, session, found.tokens);
}

async function giveCode(target: string, { flow, found }: Return, needs: Needs): Promise<string> {
  const user = await accountOf(flow, found, needs);
  const code = await needs.flowStates.issueIdpCode(flow.id, {
    userId: user.id,
    tokens: found.tokens,
    encrypts: needs.settings.oauth.encryptIdpTokens,
    at: needs.clock.now(),
  });
  return withCode({ url: target, isPkce: true }, code ?? deny(callbackConditions.stateAlreadyUsed));
}

async function accountOf(
  { linkingTargetId, inviteToken }: IdpFlow,
  { idp, profile, tokens }: Found,
  needs: Needs,
): Promise<User> {
  const user = await (linkingTargetId === null
    ? resolveAccount({ idp, profile, inviteToken }, needs)
    : linkAccount({ idp, profile }, linkingTargetId, needs));
  if (needs.settings.oauth.keepIdpTokens) {
    const identity = { provider: idp.name, providerId: profile.subject };
    await needs.idpTokens.keep(identity, tokens, needs.clock.now());
  }
  return user;
}

/**
 * The same for what came by POST. A browser brings no `Lax` cookie with another page's form, and is sent round once
 * more where it has to show one.
 */
export const callbackByForm: Flow<typeof operation, Needs> = async (input, needs) => {
  if (!needs.settings.oauth.bindToBrowser || isConfirmed(input, needs)) return callback(input, needs);
  const members = membersOf(input).filter(([name]) => name !== 'id_token');
  const query = new URLSearchParams(members).toString();
  if (query.length > longestQuery) deny(common.requestTooLarge);
  return { location: `${needs.places.apiUrl}/callback?${query}`, status: 303 };
};

/** What the provider says. */
const membersOf = ({ confirmed: _ours, ...input }: CallbackInput): [string, string][] =>
  Object.entries(input).filter((entry): entry is [string, string] => entry[1] !== undefined);

/** What servers and proxies take in a request line. */
const longestQuery = 7_000;
