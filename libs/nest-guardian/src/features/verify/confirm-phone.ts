import { denyButKeep } from '../../core/auth-error.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { sendMail, type SendSettings } from '../../steps/send-mail.js';
import type { MailSettings } from '../mail/mail.options.js';
import type { Redeemed } from './redeem-secret.js';
import { userConditions } from '../user/user.contract.js';

type Needs = Pick<LocalNeeds, 'users' | 'audit' | 'outbox' | 'places' | 'clock'> & {
  readonly settings: SendSettings & { readonly mail: MailSettings };
};

/** The number is confirmed. GoTrue: signing in by a text is noted as signing up. */
export async function confirmPhone({ user }: Redeemed, needs: Needs): Promise<void> {
  const at = needs.clock.now();
  const traits = { provider: 'phone' };
  await needs.audit.record({ actor: user, action: 'user_signedup', logType: 'team', traits, at });
  const phoneConfirmedAt = user.phoneConfirmedAt ?? at;
  await needs.users.update(user.id, { phoneConfirmedAt, isAnonymous: false }, at);
}

/**
 * The new number takes the old one's place.
 * @throws phoneExists, and the secret stays used up
 */
export async function confirmPhoneChange({ user }: Redeemed, needs: Needs): Promise<void> {
  const at = needs.clock.now();
  const change = { phone: user.newPhone, newPhone: null, phoneConfirmedAt: at, isAnonymous: false };
  const changed = await needs.users.update(user.id, change, at);
  // Somebody has signed up with the number since the change was asked for.
  if (changed === null) denyButKeep(userConditions.phoneExists);
  await needs.audit.record({ actor: user, action: 'user_modified', logType: 'user', at });
  await writeIdentity(changed, needs);
  await tellByMail(user.phone, changed, needs);
}

async function writeIdentity({ id, phone }: User, { users, clock }: Needs): Promise<void> {
  const at = clock.now();
  const data = { phone, phone_verified: true };
  const merged = await users.mergeIdentityData(id, 'phone', { data, at });
  if (merged !== null) return;
  const identityData = { sub: id, ...data, email_verified: false };
  await users.insertIdentity({ userId: id, provider: 'phone', providerId: id, identityData, at });
}

async function tellByMail(oldPhone: string | null, changed: User, needs: Needs): Promise<void> {
  const { email, phone } = changed;
  if (oldPhone === null || email === null || !needs.settings.mail.notifyPhoneChanged) return;
  const variables = { Phone: phone ?? '', OldPhone: oldPhone };
  await sendMail(changed, { kind: 'phone_changed_notification', to: email, variables }, needs);
}
