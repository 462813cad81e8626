import { denyButKeep } from '../../core/auth-error.js';
import type { User } from '../../core/records.js';
import {
  answerAlike,
  type LinkNeeds,
  type LinkRequest,
  type LinkSettings,
  mailLink,
} from '../../steps/mail-link.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { isBanned } from '../../steps/require-caller.js';
import { sendMail } from '../../steps/send-mail.js';
import { insertPerson, type Named, newPerson } from './new-person.js';
import { passwordConditions } from './password.contract.js';

/** What the sign-up by mail reads of its settings. */
export interface SignUpByMailSettings extends LinkSettings {
  readonly mail: LinkSettings['mail'] & { readonly notifyAlreadyRegistered: boolean };
  readonly phone: { readonly autoconfirm: boolean };
}

type ConfirmationNeeds = LinkNeeds & Pick<LocalNeeds, 'audit'>;
export type SignUpByMailNeeds = ConfirmationNeeds &
  Pick<LocalNeeds, 'users' | 'limits' | 'tokens' | 'hideDuration'> & {
    readonly settings: SignUpByMailSettings;
  };

/**
 * Writes the account, unless the address has one, and mails whoever has the address what there is to do. Where the
 * options say so, the answer does not tell whether there was one.
 * @returns the account as it is told
 * @throws emailTooSoon, userAlreadyExists
 */
export async function signUpByMail(request: Named & LinkRequest, needs: SignUpByMailNeeds): Promise<User> {
  const frequency = needs.settings.mail.maxFrequency;
  await answerAlike({ purpose: 'confirmation', address: request.email, frequency }, needs);
  const person = newPerson(request, needs);
  const told = { ...person, confirmationSentAt: person.createdAt };
  const inserted = await insertPerson(person, needs);
  if (inserted === null) return answerForKnown(told, request, needs);
  await requestConfirmation(inserted, request, needs);
  return { ...inserted, confirmationSentAt: told.confirmationSentAt };
}

/** Mails the link that confirms the address of a sign-up. @throws emailTooSoon */
export async function requestConfirmation(
  user: User,
  request: LinkRequest,
  needs: ConfirmationNeeds,
): Promise<void> {
  await mailLink(user, { ...request, type: 'signup' }, needs);
  await needs.audit.record({ ...auditOf(user, needs), action: 'user_confirmation_requested' });
}

/** Nothing of a known account is changed, whatever was asked: nobody has proved yet whose it is. */
async function answerForKnown(told: User, request: Named & LinkRequest, needs: SignUpByMailNeeds) {
  const { links, phone, mail } = needs.settings;
  const madeUp = links.uniformAnswers ? told : asGoTrueMakesItUp(told, request);
  const user = await needs.users.findByEmail(request.email, told.audience);
  if (user === null || isBanned(user, needs.clock.now())) return madeUp;
  if (user.emailConfirmedAt === null) {
    await requestConfirmation(user, request, needs);
    return links.uniformAnswers ? told : asIs(user, told);
  }
  await needs.audit.record({ ...auditOf(user, needs), action: 'user_repeated_signup' });
  // GoTrue: where numbers are confirmed at once, known addresses are told so too.
  if (phone.autoconfirm && !links.uniformAnswers) denyButKeep(passwordConditions.userAlreadyExists);
  // Without `answerAlike` nothing would keep anybody from sending these without end.
  if (mail.notifyAlreadyRegistered && links.uniformAnswers) {
    await sendMail(user, { kind: 'already_registered', to: user.email ?? '' }, needs);
  }
  return madeUp;
}

/** GoTrue: an account that is made up can be told from a real one by its role and its identities. */
const asGoTrueMakesItUp = (told: User, { data = {} }: Named): User => ({
  ...told,
  role: '',
  userMetadata: data,
  identities: [],
});

/** GoTrue: the account itself, but what an inviter wrote into it is not for strangers. */
const asIs = (user: User, { confirmationSentAt }: User): User => ({
  ...user,
  confirmationSentAt,
  ...(user.invitedAt !== null && { userMetadata: {}, identities: [] }),
});

const auditOf = (actor: User, { clock }: ConfirmationNeeds) =>
  ({ actor, at: clock.now(), logType: 'user', traits: { provider: 'email' } }) as const;
