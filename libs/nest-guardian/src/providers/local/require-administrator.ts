import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import type { User } from '../../core/records.js';
import { adminConditions } from '../../features/admin/admin.contract.js';
import type { AdminSettings } from '../../features/admin/admin.options.js';
import type { MfaSettings } from '../../features/mfa/mfa.options.js';
import { passedLimit } from '../../features/session/require-usable-session.js';
import type { SessionSettings } from '../../features/session/session.options.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireAssuredCaller } from '../../steps/require-assured-caller.js';

export interface AdmissionSettings {
  readonly admin: Pick<AdminSettings, 'allow'>;
  readonly mfa: Pick<MfaSettings, 'askAlways'>;
  readonly session: SessionSettings;
}

type Needs = Pick<LocalNeeds, 'users' | 'principal' | 'tokens' | 'clock'> & {
  readonly settings: AdmissionSettings;
};

/**
 * Returns if the token's role is an administrator's, or the application's rule says so of the person. A person has to
 * be let in still, now; a key that is no person's needs nobody to be looked up.
 * @throws notAdmin, adminSessionOver, and what `requireAssuredCaller` throws
 */
export async function requireAdministrator(needs: Needs): Promise<void> {
  const { principal, tokens } = needs;
  const { allow } = needs.settings.admin;
  if (tokens.settings.adminRoles.includes(principal.role)) {
    if (principal.sessionId === null) return;
    // GoTrue: whoever was an administrator when the token was signed stays one until it expires.
    return (await requireStillIn(needs)).role === principal.role ? undefined : deny(common.notAdmin);
  }
  if (allow === null || principal.id === '' || principal.isAnonymous) deny(common.notAdmin);
  await requireStillIn(needs);
  if ((await allow(principal)) !== true) deny(common.notAdmin);
}

async function requireStillIn(needs: Needs): Promise<User> {
  const { user, session } = await requireAssuredCaller(needs);
  if (session === null) return user;
  const lastUsedAt = session.refreshedAt ?? session.createdAt;
  const isOver = passedLimit({ user, session }, lastUsedAt, needs) !== null;
  return isOver ? deny(adminConditions.adminSessionOver) : user;
}
