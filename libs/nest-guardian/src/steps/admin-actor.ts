import { defaultAdminRoles } from '../core/auth-provider.js';
import type { Actor } from '../core/ports/stores.js';
import type { LocalNeeds } from './needs.js';

/** GoTrue: whoever is in no table has this id. */
const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * Whom the audit trail names for what an administrator does: the person whose token it is. GoTrue: a key that is
 * no person's has its role for a name; so has the application itself.
 */
export function adminActor(needs: Pick<LocalNeeds, 'caller' | 'principal'>): Actor {
  const [ownRole] = defaultAdminRoles;
  const { id, role, email, phone, userMetadata } = needs.caller.isSystem
    ? { id: '', role: ownRole, email: '', phone: '', userMetadata: {} }
    : needs.principal;
  if (id === '') return { id: nobody, email: role, phone: null, userMetadata: {}, isSsoUser: false };
  return { id, email: email || role, phone: phone || null, userMetadata, isSsoUser: false };
}
