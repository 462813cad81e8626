import { deny } from '../../core/auth-error.js';
import type { Metadata, User } from '../../core/records.js';
import { type ChallengeSettings, requireLinkChallenge } from '../../steps/challenge.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { type RedirectNeeds, redirectTarget } from '../../steps/redirect-target.js';
import { requireChannel, requirePhone } from '../../steps/send-text.js';
import type { PkceMembers } from '../../wire/session.js';
import { requireEmail } from '../password/address.js';
import type { PasswordSettings } from '../password/password.options.js';
import { requireAcceptablePassword } from '../password/require-acceptable-password.js';
import { requireSameAudience } from './get-user.flow.js';
import type { Asking, WantedPassword } from './new-password.js';
import { type UpdateUserInput, userConditions } from './user.contract.js';

/** What a person wants changed: what is theirs already is left out. */
export interface Update {
  readonly email: string | null;
  /** Whether the address counts as confirmed. GoTrue: for nobody but a person without any. */
  readonly isEmailConfirmed: boolean;
  readonly phone: string | null;
  readonly channel: 'sms' | 'whatsapp';
  readonly challenge: PkceMembers;
  readonly redirectTo: string;
  readonly password: WantedPassword | null;
  readonly data: Metadata | null;
}

type Needs = Pick<LocalNeeds, 'principal'> &
  RedirectNeeds & { readonly settings: ChallengeSettings & { readonly password: PasswordSettings } };

/** The checks of contract 2.9 that need nobody to be looked up, in its order. */
export function readUpdate(input: UpdateUserInput, asking: Asking, needs: Needs): Update {
  requireSameAudience(needs);
  const { user } = asking;
  const email = input.email ? requireEmail(input.email) : null;
  const phone = input.phone ? requirePhone(input.phone) : null;
  const channel = phone === null ? 'sms' : requireChannel(input.channel);
  const password = readPassword(input, user, needs);
  if (input.app_metadata !== undefined) deny(userConditions.appMetadataNotAdmin);
  const update = {
    email: email === user.email ? null : email,
    isEmailConfirmed: user.isAnonymous && user.email === null && needs.settings.password.autoconfirm,
    phone: phone === user.phone ? null : phone,
    channel,
    challenge: input,
    redirectTo: redirectTarget(input.redirect_to, needs),
    password,
    data: input.data ?? null,
  };
  requireMayChange(update, input, asking);
  if (update.email !== null && !update.isEmailConfirmed) requireLinkChallenge(input, needs.settings);
  return update;
}

function readPassword(input: UpdateUserInput, user: User, { settings }: Needs): WantedPassword | null {
  const { password, nonce, current_password: currentPassword } = input;
  if (password === undefined) return null;
  requireAcceptablePassword(password, input.email || user.email, settings.password);
  return { password, nonce, currentPassword };
}

function requireMayChange(update: Update, input: UpdateUserInput, { user, session }: Asking): void {
  const isSensitive = update.password !== null || update.email !== null || update.phone !== null;
  const hasFactor = user.factors.some(({ status }) => status === 'verified');
  if (isSensitive && hasFactor && session?.aal !== 'aal2') deny(userConditions.aalTooLow);
  if (user.isAnonymous && update.password !== null && !input.email && !input.phone)
    deny(userConditions.anonymousPassword);
  if (user.isSsoUser && (isSensitive || input.nonce)) deny(userConditions.userSsoManaged);
}
