import { deny } from '../../core/auth-error.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { userConditions } from '../user/user.contract.js';

export type AudienceNeeds = Pick<LocalNeeds, 'caller' | 'principal' | 'tokens'>;

/**
 * The one audience whose people the caller may see, or null where they may see everybody: who administers by the
 * application's rule is a person among others, and stays in their own.
 */
export function ownAudience(needs: AudienceNeeds): string | null {
  // The application itself is nobody in particular.
  if (needs.caller.isSystem) return null;
  const { role, audience } = needs.principal;
  return needs.tokens.settings.adminRoles.includes(role) ? null : audience;
}

/** The audience that is meant: the header's, or the usual one. @throws audienceMismatch */
export function askedAudience(needs: AudienceNeeds, named = needs.caller.audience ?? ''): string {
  const own = ownAudience(needs);
  if (own !== null && named !== '' && named !== own) deny(userConditions.audienceMismatch);
  return named || own || needs.tokens.settings.audience;
}
