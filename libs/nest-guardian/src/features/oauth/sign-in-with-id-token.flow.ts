import { createHash } from 'node:crypto';
import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { Idp, Idps, IdTokenContent } from '../../core/ports/idps.js';
import type { User } from '../../core/records.js';
import { type IssueSettings, issueSession } from '../../steps/issue-session.js';
import { type AssuredNeeds, requireAssuredCaller } from '../../steps/require-assured-caller.js';
import { isSameText } from '../../tokens/same-text.js';
import { identitiesConditions } from '../identities/identities.contract.js';
import type { IdentitiesSettings } from '../identities/identities.options.js';
import { type AskNeeds, askIdp } from './ask-idp.js';
import type { AccountNeeds, FoundPerson } from './found-person.js';
import { linkAccount } from './link-account.js';
import {
  oauthConditions,
  type signInWithIdToken as operation,
  type SignInWithIdTokenInput,
} from './oauth.contract.js';
import { resolveAccount } from './resolve-account.js';

type Needs = AskNeeds &
  AccountNeeds & {
    readonly settings: AskNeeds['settings'] &
      AccountNeeds['settings'] &
      AssuredNeeds['settings'] &
      IssueSettings & { readonly identities: IdentitiesSettings };
  };

/** As often as one likes until it expires: only a nonce binds an ID token to who asked for it. */
export const signInWithIdToken: Flow<typeof operation, Needs> = async (input, needs) => {
  const { id_token: idToken = '', provider = '', client_id: clientId = '', issuer = '' } = input;
  if (idToken === '') deny(oauthConditions.idTokenRefused, { value: 'id_token required' });
  if (provider === '' && (clientId === '' || issuer === ''))
    deny(oauthConditions.idTokenRefused, { value: 'provider or client_id and issuer required' });
  const idp = requireIdp(input, needs.idps);
  const beside = { accessToken: input.access_token || null };
  const content = await askIdp(async () => idp.readIdToken(idToken, beside), needs);
  if (content === null) deny(oauthConditions.idTokenIdpUnknown, { value: provider });
  if (!idp.skipsNonceCheck) requireNonce(input.nonce ?? '', content);
  const found = { idp, profile: content.profile };
  const user = await (input.link_identity ? link(found, needs) : resolveAccount(found, needs));
  return issueSession(user, { method: 'oauth' }, needs);
};

/** GoTrue: here names count in lower case only, and an issuer only where there is no such name. */
function requireIdp({ provider = '', client_id = '', issuer = '' }: SignInWithIdTokenInput, idps: Idps): Idp {
  const idp = provider === provider.toLowerCase() ? idps.find(provider) : null;
  if (idp !== null) return idp;
  if (provider.startsWith('custom:')) deny(oauthConditions.idTokenCustomIdpUnknown, { value: provider });
  const own = idps.issuerOf(provider);
  if (own !== null) deny(oauthConditions.idTokenIdpDisabled, { value: own });
  const signer = client_id !== '' && issuer !== '' ? idps.ofIssuer(issuer, client_id) : null;
  if (signer === null && idps.knowsIssuer(issuer))
    deny(oauthConditions.idTokenIdpDisabled, { value: issuer });
  return signer ?? deny(oauthConditions.idTokenIdpUnknown, { value: provider });
}

/** O-04: the token carries the hash of what only the application knows that asked for it. */
function requireNonce(shown: string, { nonce }: IdTokenContent): void {
  const carried = nonce ?? '';
  if ((shown === '') !== (carried === ''))
    deny(oauthConditions.idTokenRefused, {
      value: 'Passed nonce and nonce in id_token should either both exist or not.',
    });
  const expected = shown === '' ? '' : createHash('sha256').update(shown).digest('hex');
  if (!isSameText(carried, expected)) deny(oauthConditions.idTokenNonceWrong);
}

async function link(found: FoundPerson, needs: Needs): Promise<User> {
  const { users, clock, tokens, caller, settings } = needs;
  if (caller.bearer === null)
    deny(oauthConditions.idTokenRefused, {
      value: 'Linking requires a valid user access token in Authorization',
    });
  const principal = tokens.verify(caller.bearer);
  const { user } = await requireAssuredCaller({ users, clock, principal, settings });
  if (!settings.identities.manualLinking) deny(identitiesConditions.manualLinkingDisabled);
  return linkAccount(found, user.id, needs);
}
