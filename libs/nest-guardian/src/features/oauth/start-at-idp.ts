import { randomUUID } from 'node:crypto';
import { deny } from '../../core/auth-error.js';
import type { Redirect } from '../../core/operation.js';
import { isPkce, requireLinkChallenge } from '../../steps/challenge.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { type RedirectNeeds, redirectTarget } from '../../steps/redirect-target.js';
import type { LinksSettings } from '../links/links.options.js';
import { type AskNeeds, askIdp, legOf, requireIdp } from './ask-idp.js';
import { bindBrowser, isBoundToBrowser } from './browser-binding.js';
import { type AuthorizeInput, oauthConditions } from './oauth.contract.js';

export type StartNeeds = AskNeeds &
  RedirectNeeds &
  Pick<LocalNeeds, 'flowStates' | 'secrets' | 'secretForm' | 'clock'> & {
    readonly settings: AskNeeds['settings'] & { readonly links: LinksSettings };
  };

/**
 * Opens a way to the identity provider and back.
 * @param linkingTargetId who gets one more way in; null for a sign-in
 * @throws idpUnsupported, idpDisabled, invitedNotFound, idpUnavailable, and what is wrong with the challenge
 */
export async function startAtIdp(
  input: AuthorizeInput,
  linkingTargetId: string | null,
  needs: StartNeeds,
): Promise<Redirect> {
  const idp = requireIdp(input.provider ?? '', needs);
  const inviteToken = linkingTargetId === null ? input.invite_token || null : null;
  if (inviteToken !== null) await requireInvited(inviteToken, needs);
  requireLinkChallenge(input, needs.settings);
  const id = randomUUID();
  const request = {
    ...legOf(id, idp, needs),
    scopes: scopesIn(input.scopes),
    parameters: forwarded(input, needs.settings.oauth.forwardEverything),
  };
  const location = await askIdp(() => idp.startUrl(request), needs);
  const flow = {
    id,
    provider: idp.name,
    challenge: challengeIn(input),
    target: redirectTarget(input.redirect_to, needs),
    inviteToken,
    encrypts: needs.settings.oauth.encryptIdpTokens,
    linkingTargetId,
    isEmailOptional: idp.isEmailOptional,
    at: needs.clock.now(),
  };
  await needs.flowStates.startAtIdp(flow);
  const isBound = needs.settings.oauth.bindToBrowser && isBoundToBrowser(flow);
  const cookies = isBound ? [bindBrowser(id, needs)] : [];
  return { location, status: 302, cookies };
}

/** Looks only: the invitation is accepted by whoever comes back with the invited address. */
async function requireInvited(inviteToken: string, needs: StartNeeds): Promise<void> {
  const invitation = await needs.secrets.findByLink({
    hashes: needs.secretForm.linkHashes(inviteToken),
    slots: ['confirmation'],
    kinds: ['invite'],
    issuedAfter: new Date(needs.clock.now().getTime() - needs.settings.links.linkLifetime),
  });
  if (invitation === null) deny(oauthConditions.invitedNotFound);
}

function challengeIn(input: AuthorizeInput) {
  const { code_challenge: value = '', code_challenge_method: method = '' } = input;
  if (!isPkce(input)) return null;
  return { value, method: /^plain$/i.test(method) ? 'plain' : 's256' } as const;
}

/** GoTrue: between commas; auth-js sends spaces. RFC 6749 3.3 says of what they are made. */
const scopesIn = (scopes = ''): string[] => scopes.split(/[\s,]+/).filter((one) => /^[!#-[\]-~]+$/.test(one));

/** RFC 6749 and 7636: ours to say. GoTrue: whatever their case. */
const reserved = new Set(
  'client_id client_secret redirect_uri response_type state code_challenge code_challenge_method code_verifier'.split(
    ' ',
  ),
);
const consumed = new Set(['provider', 'scopes']);

/** What would change how the provider answers, or tell it what is not its business. */
const ours = new Set(
  (
    'redirect_to invite_token skip_http_redirect scope nonce response_mode request request_uri registration ' +
    'client_assertion client_assertion_type authorization_details grant_type code'
  ).split(' '),
);

/** What else of the query the provider may understand. */
function forwarded(input: AuthorizeInput, everything: boolean): Record<string, string> {
  const isKept = (name: string): boolean =>
    !reserved.has(name.toLowerCase()) &&
    !consumed.has(name) &&
    (everything || !(ours.has(name.toLowerCase()) || consumed.has(name.toLowerCase())));
  const kept = Object.entries(input).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isKept(entry[0]),
  );
  // GoTrue: WorkOS takes a parameter that has the name of one of ours.
  return Object.fromEntries(
    kept.map(([name, value]) => [name === 'workos_provider' ? 'provider' : name, value]),
  );
}
