import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import type { Idp, IdpProfile } from '../../core/ports/idps.js';
import type { User } from '../../core/records.js';
import type { LinkNeeds, LinkSettings } from '../../steps/mail-link.js';
import type { LocalNeeds } from '../../steps/needs.js';
import type { LinksSettings } from '../links/links.options.js';
import type { PasswordSettings } from '../password/password.options.js';

/** Whom an identity provider has named. */
export interface FoundPerson {
  readonly idp: Pick<Idp, 'name' | 'isEmailOptional'>;
  readonly profile: IdpProfile;
  readonly inviteToken?: string | null;
}

/** What it takes to find or make an account. */
export type AccountNeeds = LinkNeeds &
  Pick<LocalNeeds, 'users' | 'sessions' | 'audit' | 'tokens' | 'announce' | 'clock'> & {
    readonly settings: LinkSettings & { readonly links: LinksSettings; readonly password: PasswordSettings };
  };

/** The account of whom an identity provider has named. */
export async function resolveAccount(found: FoundPerson, needs: AccountNeeds): Promise<User> {
  const user = await needs.users.findById(found.profile.subject);
  return user ?? deny(common.unexpectedFailure);
}
