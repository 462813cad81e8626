import type { Feature } from '../features/feature.js';
import { admin } from '../features/admin/admin.feature.js';
import { adminAudit } from '../features/admin-audit/admin-audit.feature.js';
import { adminFactors } from '../features/admin-factors/admin-factors.feature.js';
import { adminLinks } from '../features/admin-links/admin-links.feature.js';
import { adminSessions } from '../features/admin-sessions/admin-sessions.feature.js';
import { adminUsers } from '../features/admin-users/admin-users.feature.js';
import { anonymous } from '../features/anonymous/anonymous.feature.js';
import { audit } from '../features/audit/audit.feature.js';
import { identities } from '../features/identities/identities.feature.js';
import { invite } from '../features/invite/invite.feature.js';
import { links } from '../features/links/links.feature.js';
import { mailbox } from '../features/mailbox/mailbox.feature.js';
import { mail } from '../features/mail/mail.feature.js';
import { mfa } from '../features/mfa/mfa.feature.js';
import { oauthServer } from '../features/oauth-server/oauth-server.feature.js';
import { oauth } from '../features/oauth/oauth.feature.js';
import { otp } from '../features/otp/otp.feature.js';
import { passkey } from '../features/passkey/passkey.feature.js';
import { password } from '../features/password/password.feature.js';
import { phone } from '../features/phone/phone.feature.js';
import { recovery } from '../features/recovery/recovery.feature.js';
import { scim } from '../features/scim/scim.feature.js';
import { session } from '../features/session/session.feature.js';
import { settings } from '../features/settings/settings.feature.js';
import { site } from '../features/site/site.feature.js';
import { sso } from '../features/sso/sso.feature.js';
import { user } from '../features/user/user.feature.js';
import { verify } from '../features/verify/verify.feature.js';
import { web3 } from '../features/web3/web3.feature.js';

/** Every feature there is. A new one is a folder under `features/` and a line here. */
export const allFeatures: readonly Feature[] = [
  password,
  session,
  user,
  settings,
  anonymous,
  site,
  mail,
  mailbox,
  links,
  phone,
  otp,
  recovery,
  verify,
  invite,
  adminLinks,
  admin,
  adminUsers,
  adminFactors,
  adminSessions,
  adminAudit,
  oauth,
  identities,
  audit,
  mfa,
  passkey,
  web3,
  sso,
  oauthServer,
  scim,
];
