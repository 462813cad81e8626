import type { Metadata, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requirePhone } from '../../steps/send-text.js';
import { requireEmail } from '../password/address.js';
import type { PasswordSettings } from '../password/password.options.js';
import { requireAcceptablePassword } from '../password/require-acceptable-password.js';
import type { AdminUserInput } from './admin-users.contract.js';
import { readBan } from './read-ban.js';

/** What an administrator wants changed; null and undefined where nothing is said. */
export interface AccountUpdate {
  readonly email: string | null;
  readonly phone: string | null;
  readonly password: string | null;
  /** GoTrue: only a yes does anything. Nobody is confirmed at an address that they have not. */
  readonly isEmailConfirmed: boolean;
  readonly isPhoneConfirmed: boolean;
  /** Null ends a ban. */
  readonly bannedUntil: Date | null | undefined;
  readonly role: string | undefined;
  readonly appMetadata: Metadata | undefined;
  readonly userMetadata: Metadata | undefined;
}

type Needs = Pick<LocalNeeds, 'clock'> & { readonly settings: { readonly password: PasswordSettings } };

/** GoTrue's checks that need nobody to be looked up, in its order. */
export function readAccountUpdate(input: AdminUserInput, user: User, needs: Needs): AccountUpdate {
  const email = input.email ? requireEmail(input.email) : null;
  const phone = input.phone ? requirePhone(input.phone) : null;
  const bannedUntil = readBan(input.ban_duration, needs.clock.now());
  const password =
    input.password === undefined
      ? null
      : requireAcceptablePassword(input.password, email ?? user.email, needs.settings.password);
  return {
    email,
    phone,
    password,
    isEmailConfirmed: Boolean(input.email_confirm && (email ?? user.email)),
    isPhoneConfirmed: Boolean(input.phone_confirm && (phone ?? user.phone)),
    bannedUntil,
    role: input.role || undefined,
    appMetadata: input.app_metadata,
    userMetadata: input.user_metadata,
  };
}
