import type { LocalNeeds } from '../../steps/needs.js';
import { noteProviders } from '../../steps/note-providers.js';
import type { SendSettings } from '../../steps/send-mail.js';
import type { LinksSettings } from '../links/links.options.js';
import type { MailSettings } from '../mail/mail.options.js';
import { confirmRecovery, confirmSignUp } from './confirm-address.js';
import { confirmEmailChange } from './confirm-email-change.js';
import { confirmPhone, confirmPhoneChange } from './confirm-phone.js';
import type { Redeemed } from './redeem-secret.js';
import type { ConfirmedType } from './what-opens.js';

export type ConfirmNeeds = Pick<
  LocalNeeds,
  'users' | 'sessions' | 'secrets' | 'audit' | 'outbox' | 'places' | 'clock' | 'announce'
> & {
  readonly settings: SendSettings & {
    readonly links: LinksSettings;
    readonly mail: MailSettings;
    readonly password: { readonly autoconfirm: boolean };
  };
};

type Effect = (redeemed: Redeemed, needs: ConfirmNeeds) => Promise<boolean | void>;

const effects: Readonly<Record<ConfirmedType, Effect>> = {
  signup: confirmSignUp,
  invite: confirmSignUp,
  recovery: confirmRecovery,
  magiclink: confirmRecovery,
  email_change: confirmEmailChange,
  sms: confirmPhone,
  phone_change: confirmPhoneChange,
};

/**
 * Does what the secret was sent for. Whatever else was sent to the user before opens nothing any more.
 * @returns false where a change of address waits for the other mail, which stays good
 */
export async function confirm(redeemed: Redeemed, needs: ConfirmNeeds): Promise<boolean> {
  if ((await effects[redeemed.type](redeemed, needs)) === false) return false;
  await needs.secrets.clear(redeemed.user.id);
  await noteProviders(redeemed.user.id, needs);
  return true;
}

/** GoTrue's words after the first of the two mails of a change of address. */
export const oneOfTwo = 'Confirmation link accepted. Please proceed to confirm link sent to the other email';
