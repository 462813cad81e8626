import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { UserChange } from '../../core/ports/stores.js';
import type { User } from '../../core/records.js';
import type { ChallengeSettings } from '../../steps/challenge.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireNotTooSoon } from '../../steps/one-time-secret.js';
import type { RedirectNeeds } from '../../steps/redirect-target.js';
import { requireCaller } from '../../steps/require-caller.js';
import { userBody } from '../../wire/user.js';
import { addEmailIdentity, permanentWith } from './become-permanent.js';
import { movePhone, type MovePhoneNeeds } from './move-phone.js';
import {
  type Asking,
  judgePassword,
  type NewPasswordNeeds,
  passwordChange,
  requireProved,
  sealPassword,
} from './new-password.js';
import { readUpdate, type Update } from './read-update.js';
import { requireMetadataFits } from './require-metadata-fits.js';
import { requireStored } from './require-stored.js';
import { type EmailChangeNeeds, sendEmailChange } from './send-email-change.js';
import { type PhoneChangeNeeds, sendPhoneChange } from './send-phone-change.js';
import { updateUser as operation, userConditions } from './user.contract.js';
import type { UserSettings } from './user.options.js';

type Needs = Pick<LocalNeeds, 'principal'> &
  NewPasswordNeeds &
  EmailChangeNeeds &
  PhoneChangeNeeds &
  MovePhoneNeeds &
  RedirectNeeds & {
    readonly settings: ChallengeSettings & {
      readonly user: UserSettings;
      readonly phone: { readonly autoconfirm: boolean };
    };
  };

export const updateUser: Flow<typeof operation, Needs> = async (input, needs) => {
  const asking = await requireCaller(needs);
  const update = readUpdate(input, asking, needs);
  await requireFree(update, needs);
  const password = update.password && (await judgePassword(update.password, asking, needs));
  if (password !== null) await requireProved(password, asking.user, needs);
  const written = await write({ update, passwordHash: password?.hash }, asking, needs);
  const asked = await changeEmail(written, update, needs);
  const user = await changePhone(asked, update, needs);
  await needs.audit.record({ actor: user, action: 'user_modified', logType: 'user', at: needs.clock.now() });
  return userBody(user);
};

/**
 * GoTrue: whoever asks hears that somebody has the address or number. Where answers are to be alike, only those
 * hear it who would have it at once.
 */
async function requireFree({ email, phone, isEmailConfirmed }: Update, needs: Needs): Promise<void> {
  const { links, phone: texts } = needs.settings;
  const { audience } = needs.tokens.settings;
  const tells = !links.uniformAnswers;
  if (email !== null && (tells || isEmailConfirmed) && (await needs.users.findByEmail(email, audience)))
    deny(userConditions.emailExists);
  if (phone !== null && (tells || texts.autoconfirm) && (await needs.users.findByPhone(phone, audience)))
    deny(userConditions.phoneExists);
}

interface Written {
  readonly update: Update;
  readonly passwordHash?: string;
}

/** What changes at once. */
async function write({ update, passwordHash }: Written, asking: Asking, needs: Needs): Promise<User> {
  const { user } = asking;
  const email = update.isEmailConfirmed ? update.email : null;
  const data = update.data ?? {};
  const change: UserChange = {
    ...(update.data !== null && { userMetadataMerge: data }),
    ...(email !== null && permanentWith(email, data, needs)),
    ...(passwordHash !== undefined && passwordChange(passwordHash)),
  };
  const written = await needs.users.update(user.id, change, needs.clock.now());
  // Race: the address was taken between the look and this write.
  if (written === null && email !== null) deny(userConditions.emailExists);
  const updated = requireStored(written);
  // Judged on what is there now, since several updates may come at once; a denial undoes this one.
  if (update.data !== null) requireMetadataFits(updated.userMetadata, needs.settings.user);
  if (passwordHash !== undefined) await sealPassword(asking, needs);
  const added = email === null ? [] : [await addEmailIdentity(user, email, needs)];
  return { ...updated, identities: [...updated.identities, ...added] };
}

async function changeEmail(user: User, update: Update, needs: Needs): Promise<User> {
  const { email: newEmail, isEmailConfirmed, challenge, redirectTo } = update;
  if (newEmail === null || isEmailConfirmed) return user;
  const { links, mail } = needs.settings;
  const limit = { purpose: 'email_change', address: newEmail, frequency: mail.maxFrequency };
  if (links.uniformAnswers) await requireNotTooSoon(limit, needs);
  return sendEmailChange(user, { newEmail, challenge, redirectTo }, needs);
}

async function changePhone(user: User, { phone, channel }: Update, needs: Needs): Promise<User> {
  if (phone === null) return user;
  if (!needs.settings.phone.autoconfirm) return sendPhoneChange(user, { newPhone: phone, channel }, needs);
  // Race: somebody took the number between the look and this write.
  return (await movePhone(user, phone, needs)) ?? deny(userConditions.phoneExists);
}
