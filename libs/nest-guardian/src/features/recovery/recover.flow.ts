import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import { type ChallengeSettings, requireLinkChallenge } from '../../steps/challenge.js';
import { answerAlike, type LinkNeeds, mailLink } from '../../steps/mail-link.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { type RedirectNeeds, redirectTarget } from '../../steps/redirect-target.js';
import { isBanned } from '../../steps/require-caller.js';
import { requireEmail } from '../password/address.js';
import type { PasswordSettings } from '../password/password.options.js';
import { recover as operation, recoveryConditions, type RecoverInput } from './recovery.contract.js';

type Settings = ChallengeSettings & { readonly password: PasswordSettings };
type Needs = LinkNeeds &
  RedirectNeeds &
  Pick<LocalNeeds, 'users' | 'audit' | 'limits' | 'tokens' | 'hideDuration'> & {
    readonly settings: Settings;
  };

export const recover: Flow<typeof operation, Needs> = async (input, needs) => {
  const email = requireRecoverable(input, needs.settings);
  const redirectTo = redirectTarget(input.redirect_to, needs);
  const { maxFrequency } = needs.settings.mail;
  await answerAlike({ purpose: 'recovery', address: email, frequency: maxFrequency }, needs);
  const user = await needs.users.findByEmail(email, needs.tokens.settings.audience);
  const at = needs.clock.now();
  if (user === null || isBanned(user, at)) return {};
  await mailLink(user, { type: 'recovery', challenge: input, redirectTo }, needs);
  await needs.audit.record({ actor: user, action: 'user_recovery_requested', logType: 'user', at });
  return {};
};

/** The address in lower case, after the checks of contract 2.6 in its order. */
function requireRecoverable(input: RecoverInput, settings: Settings): string {
  if (!input.email) deny(recoveryConditions.recoveryAddressMissing);
  const email = requireEmail(input.email);
  requireLinkChallenge(input, settings);
  if (!settings.password.enabled) deny(operation.off);
  return email;
}
