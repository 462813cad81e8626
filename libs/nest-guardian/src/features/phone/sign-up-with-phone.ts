import { denyButKeep } from '../../core/auth-error.js';
import type { User } from '../../core/records.js';
import { type IssueSettings, issueSession } from '../../steps/issue-session.js';
import { answerAlike } from '../../steps/mail-link.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { tooSoon } from '../../steps/one-time-secret.js';
import { isBanned } from '../../steps/require-caller.js';
import type { SessionBody } from '../../wire/session.js';
import { userBody, type UserBody } from '../../wire/user.js';
import { insertPerson } from '../password/new-person.js';
import { passwordConditions } from '../password/password.contract.js';
import { type NamedByPhone, newPersonByPhone } from './new-person-by-phone.js';
import type { PhoneSettings } from './phone.options.js';
import { type CodeOrder, type Reach, requireCanText, textCode, type TextCodeNeeds } from './text-code.js';

export type SignUpWithPhoneNeeds = TextCodeNeeds &
  Pick<LocalNeeds, 'users' | 'sessions' | 'audit' | 'limits' | 'tokens' | 'caller' | 'hideDuration'> & {
    readonly settings: IssueSettings & {
      readonly password: { readonly autoconfirm: boolean };
      readonly phone: PhoneSettings;
    };
  };

export type SignUpByPhone = Omit<NamedByPhone, 'isConfirmed'> &
  Reach & {
    /** Whether somebody else may have chosen what is in the account that waits. */
    readonly isContested: boolean;
  };

/**
 * Writes the account, unless the number has one. Where numbers are confirmed at once it opens a session, and a known
 * one is told so; elsewhere it texts a code, and the options say whether the answer tells that there was one.
 * @throws smsSendFailed, smsTooSoon, userAlreadyExists
 */
export function signUpWithPhone(
  request: SignUpByPhone,
  needs: SignUpWithPhoneNeeds,
): Promise<SessionBody | UserBody> {
  return needs.settings.phone.autoconfirm ? signUpAtOnce(request, needs) : signUpByText(request, needs);
}

async function signUpAtOnce(request: SignUpByPhone, needs: SignUpWithPhoneNeeds): Promise<SessionBody> {
  const user = await insertPerson(newPersonByPhone({ ...request, isConfirmed: true }, needs), needs);
  if (user === null) {
    const actor = await needs.users.findByPhone(request.phone, needs.tokens.settings.audience);
    if (actor) await needs.audit.record({ ...auditOf(actor, needs), action: 'user_repeated_signup' });
    return denyButKeep(passwordConditions.userAlreadyExists);
  }
  await noteSignUp(user, request, needs);
  await needs.audit.record({ ...auditOf(user, needs), action: 'login', logType: 'account' });
  return issueSession(user, { method: 'password' }, needs);
}

async function signUpByText(request: SignUpByPhone, needs: SignUpWithPhoneNeeds): Promise<UserBody> {
  const { phone } = request;
  requireCanText(phone, needs);
  const frequency = needs.settings.phone.maxFrequency;
  await answerAlike(
    { purpose: 'confirmation', address: phone, frequency, refusal: tooSoon.smsTooSoon },
    needs,
  );
  const person = newPersonByPhone({ ...request, isConfirmed: false }, needs);
  const told = { ...person, confirmationSentAt: person.createdAt };
  const inserted = await insertPerson(person, needs);
  if (inserted === null) return userBody(await answerForKnown(told, request, needs));
  await requestConfirmation(inserted, request, needs);
  return userBody({ ...inserted, confirmationSentAt: told.confirmationSentAt });
}

/** Nothing of a known account is changed, whatever was asked: nobody has proved yet whose it is. */
async function answerForKnown(
  told: User,
  request: SignUpByPhone,
  needs: SignUpWithPhoneNeeds,
): Promise<User> {
  const { links, password } = needs.settings;
  // GoTrue: an account that is made up can be told from a real one by its role and its identities.
  const gotrues = { ...told, role: '', userMetadata: request.data ?? {}, identities: [] };
  const madeUp = links.uniformAnswers ? told : gotrues;
  const user = await needs.users.findByPhone(request.phone, told.audience);
  if (user === null || isBanned(user, needs.clock.now())) return madeUp;
  if (user.phoneConfirmedAt === null) {
    const slot = request.isContested ? 'recovery' : 'confirmation';
    await requestConfirmation(user, { ...request, slot }, needs);
    return links.uniformAnswers ? told : { ...user, confirmationSentAt: told.confirmationSentAt };
  }
  await needs.audit.record({ ...auditOf(user, needs), action: 'user_repeated_signup' });
  // GoTrue: where addresses are confirmed at once, known numbers are told so too.
  if (password.autoconfirm && !links.uniformAnswers) denyButKeep(passwordConditions.userAlreadyExists);
  return madeUp;
}

type AuditNeeds = Pick<LocalNeeds, 'audit' | 'clock'>;

/** Texts the code that confirms the number of a sign-up. @throws smsTooSoon */
export async function requestConfirmation(
  user: User,
  order: CodeOrder,
  needs: TextCodeNeeds & AuditNeeds,
): Promise<void> {
  await textCode(user, order, needs);
  await needs.audit.record({ ...auditOf(user, needs), action: 'user_confirmation_requested' });
}

/** GoTrue: only where the number is confirmed at once; elsewhere that is written with the proof. */
export async function noteSignUp(user: User, { channel }: Reach, needs: AuditNeeds): Promise<void> {
  const traits = { provider: 'phone', channel };
  await needs.audit.record({ ...auditOf(user, needs), action: 'user_signedup', logType: 'team', traits });
}

const auditOf = (actor: User, { clock }: AuditNeeds) =>
  ({ actor, at: clock.now(), logType: 'user', traits: { provider: 'phone' } }) as const;
