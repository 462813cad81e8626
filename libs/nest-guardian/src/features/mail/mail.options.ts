import { duration, flag, integer, type Option, type Settings, text } from '../../core/option.js';
import type { Mailer } from '../../core/ports/mailer.js';

/** The mails that are sent, by the names of their templates. All but the last are GoTrue's. */
export const mailKinds = [
  'confirmation',
  'invite',
  'recovery',
  'magic_link',
  'email_change',
  'reauthentication',
  'password_changed_notification',
  'email_changed_notification',
  'phone_changed_notification',
  'already_registered',
] as const;

export type MailKind = (typeof mailKinds)[number];

/** What a template of one's own makes of a mail. */
export interface RenderedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** The path or URL of a GoTrue template (HTML with `{{ .ConfirmationURL }}` and the like), or a function. */
export type MailTemplate =
  string | ((variables: Readonly<Record<string, unknown>>) => RenderedMail | Promise<RenderedMail>);

const byKind = <T>(
  what: string,
  fits: (value: unknown) => boolean,
): Option<Partial<Record<MailKind, T>>> => ({
  default: {},
  read: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(([name, one]) => mailKinds.includes(name as MailKind) && fits(one))
      ? { value: value as Partial<Record<MailKind, T>> }
      : { mustBe: `${what} by the name of a mail: ${mailKinds.join(', ')}` },
});

const mailer: Option<Mailer | null> = {
  default: null,
  read: (value) =>
    typeof (value as Partial<Mailer> | null)?.send === 'function'
      ? { value: value as Mailer }
      : { mustBe: 'a Mailer' },
};

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** The options of mail. */
export const mailOptions = {
  /** The SMTP server. Left out, development keeps mails on the page `<prefix>/mailbox`, and production sends none. */
  smtpHost: text('', 'GOTRUE_SMTP_HOST'),
  /** Its port. 465 speaks TLS at once; every other one has to offer STARTTLS, unless `smtpTls` says otherwise. */
  smtpPort: integer(587, { min: 1, max: 65_535 }, 'GOTRUE_SMTP_PORT'),
  /** Who signs in there; left out, nobody does. */
  smtpUser: text('', 'GOTRUE_SMTP_USER'),
  /** Their password. It is sent without TLS to this machine only. */
  smtpPassword: text('', 'GOTRUE_SMTP_PASS'),
  /** Whether a connection without TLS is refused. Off is for servers on this machine. GoTrue: takes what it gets. */
  smtpTls: flag(true),
  /** Carries mails in place of an SMTP server. */
  mailer,
  /** The address that mails come from. */
  from: text('', 'GOTRUE_SMTP_ADMIN_EMAIL'),
  /** The name beside it. */
  fromName: text('', 'GOTRUE_SMTP_SENDER_NAME'),
  /** How long an address waits for the next mail of one purpose. */
  maxFrequency: duration('60s', 'GOTRUE_SMTP_MAX_FREQUENCY'),
  /** Whether a change of address has to be confirmed by a mail to the old one too. */
  secureEmailChange: flag(true, 'GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED'),
  /** Where links of invitations lead: a path below the API's address, or an address of one's own. */
  invitePath: text('/verify', 'GOTRUE_MAILER_URLPATHS_INVITE'),
  /** The same for links that confirm a sign-up. */
  confirmationPath: text('/verify', 'GOTRUE_MAILER_URLPATHS_CONFIRMATION'),
  /** The same for links to a new password, and for those that sign in. */
  recoveryPath: text('/verify', 'GOTRUE_MAILER_URLPATHS_RECOVERY'),
  /** The same for links that confirm a change of address. */
  emailChangePath: text('/verify', 'GOTRUE_MAILER_URLPATHS_EMAIL_CHANGE'),
  /** Whether people hear by mail that their password was changed. */
  notifyPasswordChanged: flag(true, 'GOTRUE_MAILER_NOTIFICATIONS_PASSWORD_CHANGED_ENABLED'),
  /** Whether the old address hears that it was changed. */
  notifyEmailChanged: flag(true, 'GOTRUE_MAILER_NOTIFICATIONS_EMAIL_CHANGED_ENABLED'),
  /** Whether people hear by mail that their number was changed. */
  notifyPhoneChanged: flag(true, 'GOTRUE_MAILER_NOTIFICATIONS_PHONE_CHANGED_ENABLED'),
  /** Whether the owner of an address hears that somebody tried to sign up with it. GoTrue: nobody does. */
  notifyAlreadyRegistered: flag(true),
  /** How long a template from a URL is kept. */
  templateMaxAge: duration('10m', 'GOTRUE_MAILER_TEMPLATE_MAX_AGE'),
  /** Templates of one's own. `GOTRUE_MAILER_TEMPLATES_<NAME>` each. */
  templates: byKind<MailTemplate>(
    'a path, a URL or a function',
    (value) => isText(value) || typeof value === 'function',
  ),
  /** Subjects of one's own, with the same variables. `GOTRUE_MAILER_SUBJECTS_<NAME>` each. */
  subjects: byKind<string>('texts', isText),
} as const;

export type MailSettings = Settings<typeof mailOptions>;
