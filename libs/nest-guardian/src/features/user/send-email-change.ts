import type { User } from '../../core/records.js';
import { isPkce, startFlow } from '../../steps/challenge.js';
import type { LinkNeeds } from '../../steps/mail-link.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { issueSecret } from '../../steps/one-time-secret.js';
import { sendLink, sendMail } from '../../steps/send-mail.js';
import type { MadeSecret } from '../../tokens/one-time-secret.js';
import type { PkceMembers } from '../../wire/session.js';
import { requireStored } from './require-stored.js';

export type EmailChangeNeeds = Pick<LocalNeeds, 'users'> &
  LinkNeeds & {
    readonly settings: {
      readonly mail: { readonly secureEmailChange: boolean; readonly notifyAlreadyRegistered: boolean };
    };
  };

export interface EmailChange {
  /** In lower case. */
  readonly newEmail: string;
  readonly challenge?: PkceMembers;
  /** Where the links lead in the end; it has been judged. */
  readonly redirectTo: string;
  /** How long the user waits for the next one, in milliseconds; left out, as the options say. */
  readonly frequency?: number;
}

/**
 * Asks by mail whether the address may become the user's: the new one and, where the options say so, also the
 * current one. Those sent before open nothing any more, and until it is answered nothing changes. An address that
 * somebody has already gets no link, but word of it; whoever asked sees no difference.
 * @returns the user as they are now
 * @throws emailTooSoon
 */
export async function sendEmailChange(
  user: User,
  change: EmailChange,
  needs: EmailChangeNeeds,
): Promise<User> {
  const { newEmail, challenge = {}, redirectTo } = change;
  const { mail, links } = needs.settings;
  const order = { digits: links.codeLength, isPkce: isPkce(challenge) };
  const current = mail.secureEmailChange ? user.email : null;
  const orders = [
    ...(current === null ? [] : [{ ...order, ...email('current'), address: current }]),
    { ...order, ...email('new'), address: newEmail },
  ];
  let frequency: number | undefined = change.frequency ?? mail.maxFrequency;
  const mails: Parcel[] = [];
  for (const each of orders) {
    mails.push({
      to: each.address,
      secret: await issueSecret(user, { ...each, frequency }, needs),
      redirectTo,
    });
    // Both are of one sending.
    frequency = undefined;
  }
  await startFlow(user, { method: 'email_change', challenge }, needs);
  const pending = { newEmail, emailChangeStatus: 0 };
  const asked = requireStored(await needs.users.update(user.id, pending, needs.clock.now()));
  for (const each of mails) await post(asked, each, needs);
  return asked;
}

const email = <const W extends 'new' | 'current'>(which: W) =>
  ({ slot: `email_change_${which}`, kind: `email_change_${which}` }) as const;

interface Parcel {
  readonly to: string;
  readonly secret: MadeSecret;
  readonly redirectTo: string;
}

async function post(asked: User, parcel: Parcel, needs: EmailChangeNeeds): Promise<void> {
  const owner = await needs.users.findByEmail(parcel.to, asked.audience);
  if (owner === null || owner.id === asked.id) {
    await sendLink(asked, { type: 'email_change', ...parcel }, needs);
  } else if (needs.settings.mail.notifyAlreadyRegistered) {
    await sendMail(owner, { kind: 'already_registered', to: parcel.to }, needs);
  }
}
