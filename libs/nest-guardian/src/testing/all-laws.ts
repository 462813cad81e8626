import { adminLinksConformance } from '../features/admin-links/admin-links.conformance.js';
import { whoAdministersConformance } from '../features/admin/who-administers.conformance.js';
import { shutOutConformance } from '../features/admin-sessions/shut-out.conformance.js';
import { adminUsersConformance } from '../features/admin-users/admin-users.conformance.js';
import { anonymousConformance } from '../features/anonymous/anonymous.conformance.js';
import { identitiesConformance } from '../features/identities/identities.conformance.js';
import { inviteConformance } from '../features/invite/invite.conformance.js';
import { mfaConformance } from '../features/mfa/mfa.conformance.js';
import { idTokenConformance } from '../features/oauth/id-token.conformance.js';
import { idpSignInConformance } from '../features/oauth/idp-sign-in.conformance.js';
import { idpStateConformance } from '../features/oauth/idp-state.conformance.js';
import { whoseAccountConformance } from '../features/oauth/whose-account.conformance.js';
import { otpConformance } from '../features/otp/otp.conformance.js';
import { reauthenticateConformance } from '../features/otp/reauthenticate.conformance.js';
import { signInConformance } from '../features/password/sign-in.conformance.js';
import { signUpConformance } from '../features/password/sign-up.conformance.js';
import { phoneConformance } from '../features/phone/phone.conformance.js';
import { recoveryConformance } from '../features/recovery/recovery.conformance.js';
import { ownSessionsConformance } from '../features/session/own-sessions.conformance.js';
import { refreshConformance } from '../features/session/refresh.conformance.js';
import { signOutConformance } from '../features/session/sign-out.conformance.js';
import { settingsConformance } from '../features/settings/settings.conformance.js';
import { redirectsConformance } from '../features/site/redirects.conformance.js';
import { bearerConformance } from '../features/user/bearer.conformance.js';
import { changeAddressConformance } from '../features/user/change-address.conformance.js';
import { requestBodyConformance } from '../features/user/request-body.conformance.js';
import { userConformance } from '../features/user/user.conformance.js';
import { pkceConformance } from '../features/verify/pkce.conformance.js';
import { resendConformance } from '../features/verify/resend.conformance.js';
import { verifyRefusalsConformance } from '../features/verify/verify-refusals.conformance.js';
import { verifyConformance } from '../features/verify/verify.conformance.js';
import type { Conformance } from './conformance.js';

/** The laws of every feature. A new one is a file beside its feature and a line here. */
export const allLaws: readonly Conformance[] = [
  settingsConformance,
  signUpConformance,
  signInConformance,
  anonymousConformance,
  refreshConformance,
  signOutConformance,
  ownSessionsConformance,
  userConformance,
  mfaConformance,
  bearerConformance,
  requestBodyConformance,
  verifyConformance,
  verifyRefusalsConformance,
  pkceConformance,
  otpConformance,
  recoveryConformance,
  resendConformance,
  changeAddressConformance,
  reauthenticateConformance,
  phoneConformance,
  inviteConformance,
  adminLinksConformance,
  adminUsersConformance,
  shutOutConformance,
  whoAdministersConformance,
  redirectsConformance,
  idpSignInConformance,
  idpStateConformance,
  whoseAccountConformance,
  idTokenConformance,
  identitiesConformance,
];
