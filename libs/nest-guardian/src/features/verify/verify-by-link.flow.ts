import { deny, denyButKeep } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import {
  type BrowserTarget,
  refusalAt,
  withCode,
  withMessage,
  withSession,
} from '../../steps/browser-redirect.js';
import { issueSession } from '../../steps/issue-session.js';
import { type RedirectSettings, redirectTarget } from '../../steps/redirect-target.js';
import { pkcePrefix } from '../../tokens/one-time-secret.js';
import { confirm, oneOfTwo } from './confirm.js';
import { confirmPage } from './confirm-page.js';
import { type Redeemed, redeemLink } from './redeem-secret.js';
import type { VerifyNeeds } from './verify.flow.js';
import {
  type verifyByLink as operation,
  type VerifyByLinkInput,
  verifyConditions,
} from './verify.contract.js';

type Needs = VerifyNeeds & Pick<LocalNeeds, 'flowStates'> & { readonly settings: RedirectSettings };

export const followLink: Flow<typeof operation, Needs> = async (input, needs) => {
  const { type, token } = requireLink(input);
  if (needs.settings.links.confirmByButton && input.confirm !== 'yes') return confirmPage(input);
  const url = redirectTarget(input.redirect_to, needs);
  const target = { url, isPkce: token.startsWith(pkcePrefix) };
  try {
    const redeemed = await redeemLink(type, token, needs);
    return { location: await openTo(target, redeemed, needs), status: 303 };
  } catch (error) {
    // A person reads this in a browser, and the application there says what to do now.
    throw refusalAt(target, error);
  }
};

function requireLink({ type = '', token = '' }: VerifyByLinkInput): { type: string; token: string } {
  if (type === '') deny(verifyConditions.verifyTypeMissing);
  if (token === '') deny(verifyConditions.verifyLinkTokenMissing);
  return { type, token };
}

async function openTo(target: BrowserTarget, redeemed: Redeemed, needs: Needs): Promise<string> {
  const { user, type } = redeemed;
  if (!(await confirm(redeemed, needs))) return withMessage(target, oneOfTwo);
  if (target.isPkce) return withCode(target, await issueCode(redeemed, needs));
  if (!needs.settings.links.implicitFlow) return withMessage(target, confirmedWithoutSession);
  return withSession(target, await issueSession(user, { method: 'otp' }, needs), type);
}

const confirmedWithoutSession = 'Confirmed. Please sign in';

/** The code with which whoever holds the verifier gets the session. What the link confirmed stays without one too. */
async function issueCode({ user, type }: Redeemed, { flowStates, clock }: Needs): Promise<string> {
  // GoTrue: the way has a name of its own here.
  const method = type === 'signup' ? 'email/signup' : type;
  const code = await flowStates.issueCode(user.id, method, clock.now());
  return code ?? denyButKeep(verifyConditions.linkWithoutFlow);
}
