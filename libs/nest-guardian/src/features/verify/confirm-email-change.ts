import { denyButKeep } from '../../core/auth-error.js';
import type { UserChange } from '../../core/ports/stores.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { sendMail, type SendSettings } from '../../steps/send-mail.js';
import type { MailSettings } from '../mail/mail.options.js';
import { userConditions } from '../user/user.contract.js';
import type { Redeemed } from './redeem-secret.js';

type Needs = Pick<LocalNeeds, 'users' | 'audit' | 'outbox' | 'places' | 'clock'> & {
  readonly settings: SendSettings & {
    readonly mail: MailSettings;
    readonly password: { readonly autoconfirm: boolean };
  };
};

/**
 * One of the mails of a change of address was followed (contract 5.3). Sessions stay open: whoever changes the
 * address could read the mail to it.
 * @returns false where the mail to the other address has to be followed first
 * @throws emailExists, and the secret stays used up
 */
export async function confirmEmailChange({ user }: Redeemed, needs: Needs): Promise<boolean> {
  if (!needsTheOther(user, needs)) return completeChange(user, needs);
  await needs.users.update(user.id, { emailChangeStatus: 1 }, needs.clock.now());
  return false;
}

/** GoTrue: where addresses count as confirmed at once, one mail of two is enough. */
const needsTheOther = ({ email, emailChangeStatus }: User, { settings }: Needs): boolean =>
  settings.mail.secureEmailChange &&
  !settings.password.autoconfirm &&
  email !== null &&
  emailChangeStatus === 0;

async function completeChange(user: User, needs: Needs): Promise<true> {
  const at = needs.clock.now();
  const change: UserChange = {
    email: user.newEmail,
    newEmail: null,
    emailChangeStatus: 0,
    isAnonymous: false,
    ...(user.emailConfirmedAt === null && {
      emailConfirmedAt: at,
      userMetadataMerge: { email_verified: true },
    }),
  };
  const changed = await needs.users.update(user.id, change, at);
  // Somebody has signed up with the address since the change was asked for.
  if (changed === null) denyButKeep(userConditions.emailExists);
  await needs.audit.record({ actor: user, action: 'user_modified', logType: 'user', at });
  await writeIdentity(changed, needs);
  await tellOldAddress(user.email, changed, needs);
  return true;
}

async function writeIdentity({ id, email }: User, { users, clock }: Needs): Promise<void> {
  const at = clock.now();
  const data = { email, email_verified: true };
  const merged = await users.mergeIdentityData(id, 'email', { data, at });
  if (merged !== null) return;
  const identityData = { sub: id, ...data, phone_verified: false };
  await users.insertIdentity({ userId: id, provider: 'email', providerId: id, identityData, at });
}

async function tellOldAddress(oldEmail: string | null, changed: User, needs: Needs): Promise<void> {
  if (oldEmail === null || !needs.settings.mail.notifyEmailChanged) return;
  const variables = { OldEmail: oldEmail };
  await sendMail(changed, { kind: 'email_changed_notification', to: oldEmail, variables }, needs);
}
