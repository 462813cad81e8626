import { createHash } from 'node:crypto';
import { deny, denyButKeep } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import type { Flow } from '../../core/flow.js';
import type { FlowState } from '../../core/ports/flow-states.js';
import { type IssueSettings, issueSession } from '../../steps/issue-session.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { isBanned } from '../../steps/require-caller.js';
import { isSameText } from '../../tokens/same-text.js';
import type { SessionBody } from '../../wire/session.js';
import type { LinksSettings } from '../links/links.options.js';
import { type exchangeCode as operation, oauthConditions } from './oauth.contract.js';

type Needs = Pick<
  LocalNeeds,
  'users' | 'sessions' | 'flowStates' | 'audit' | 'tokens' | 'clock' | 'caller'
> & { readonly settings: IssueSettings & { readonly links: LinksSettings } };

export const exchangeCode: Flow<typeof operation, Needs> = async (input, needs) => {
  const { auth_code: code = '', code_verifier: verifier = '' } = input;
  if (code === '' || verifier === '') deny(oauthConditions.exchangeIncomplete);
  const flow = await needs.flowStates.take(code);
  if (flow === null) deny(oauthConditions.flowStateNotFound);
  // What is denied here is undone: the person may come back with the right verifier until the code expires.
  requireFresh(flow, needs);
  if (!isProof(verifier, flow)) deny(oauthConditions.codeVerifierWrong);
  const user = await requireOwner(flow, needs);
  await needs.audit.record({
    actor: user,
    action: 'login',
    logType: 'account',
    traits: { provider_type: flow.providerType },
    at: needs.clock.now(),
  });
  const session = await issueSession(user, { method: flow.authenticationMethod }, needs);
  return { ...session, ...tokensOf(flow) };
};

/** Of the identity provider, the only time that anybody hears of them. */
const tokensOf = ({
  idpTokens,
}: FlowState): Pick<SessionBody, 'provider_token' | 'provider_refresh_token'> =>
  idpTokens === null
    ? {}
    : {
        provider_token: idpTokens.accessToken,
        ...(idpTokens.refreshToken && { provider_refresh_token: idpTokens.refreshToken }),
      };

function requireFresh(flow: FlowState, { settings, clock }: Needs): void {
  const { createdAt, codeIssuedAt, authenticationMethod: method } = flow;
  // A code that was never given out can only be known to who reads the table.
  if (codeIssuedAt === null) deny(oauthConditions.flowStateNotFound);
  const { pkceFromStart, pkceLifetime } = settings.links;
  // GoTrue: of all mails only the magic link may be opened late.
  const since = pkceFromStart && method !== 'magiclink' ? createdAt : codeIssuedAt;
  if (since.getTime() + pkceLifetime < clock.now().getTime()) deny(oauthConditions.flowStateExpired);
}

/** RFC 7636 4.6. */
function isProof(verifier: string, { challenge, challengeMethod }: FlowState): boolean {
  const shown =
    challengeMethod === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  return isSameText(shown, challenge);
}

/** GoTrue: does not ask whether the person was banned meanwhile. */
async function requireOwner({ userId }: FlowState, { users, clock }: Needs) {
  const user = userId === null ? null : await users.findById(userId);
  if (user === null || user.deletedAt !== null) deny(oauthConditions.flowStateNotFound);
  if (isBanned(user, clock.now())) denyButKeep(common.userBanned);
  return user;
}
