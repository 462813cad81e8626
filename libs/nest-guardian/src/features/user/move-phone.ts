import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { sendMail, type SendSettings } from '../../steps/send-mail.js';

export type MovePhoneNeeds = Pick<LocalNeeds, 'users' | 'outbox' | 'places' | 'clock'> & {
  readonly settings: SendSettings & { readonly mail: { readonly notifyPhoneChanged: boolean } };
};

/**
 * Gives the user the number, which counts as confirmed, and the identity of it. Who had another one before hears of
 * it by mail, if the options say so.
 * @returns null when somebody has the number already, or the user is gone
 */
export async function movePhone(user: User, phone: string, needs: MovePhoneNeeds): Promise<User | null> {
  const at = needs.clock.now();
  const change = { phone, newPhone: null, phoneConfirmedAt: at, isAnonymous: false };
  const moved = await needs.users.update(user.id, change, at);
  if (moved === null) return null;
  await noteIdentity(moved, needs);
  await tellByMail(user.phone, moved, needs);
  return needs.users.findById(user.id);
}

async function noteIdentity({ id, phone }: User, { users, clock }: MovePhoneNeeds): Promise<void> {
  const at = clock.now();
  const data = { phone, phone_verified: true };
  const merged = await users.mergeIdentityData(id, 'phone', { data, at });
  if (merged !== null) return;
  const identityData = { sub: id, ...data, email_verified: false };
  await users.insertIdentity({ userId: id, provider: 'phone', providerId: id, identityData, at });
}

async function tellByMail(oldPhone: string | null, moved: User, needs: MovePhoneNeeds): Promise<void> {
  const { email, phone } = moved;
  if (oldPhone === null || email === null || !needs.settings.mail.notifyPhoneChanged) return;
  const variables = { Phone: phone ?? '', OldPhone: oldPhone };
  await sendMail(moved, { kind: 'phone_changed_notification', to: email, variables }, needs);
}
