import type { MailKind } from '../features/mail/mail.options.js';

/** What a mail says, with `{{ }}`. */
interface Words {
  readonly subject: string;
  readonly title: string;
  readonly lead: string;
  /** What the button says that follows the link; left out, there is none. */
  readonly button?: string;
  /** Whether it shows a code. */
  readonly code?: true;
  readonly end: string;
}

const notMine = 'If you did not ask for this, you can ignore this mail.';
const notMyChange = 'If this was not you, reset your password at once and tell us.';

/** GoTrue: its subjects. */
const words: Readonly<Record<MailKind, Words>> = {
  confirmation: {
    subject: 'Confirm your email address',
    title: 'Confirm your email address',
    lead: 'One more step and your account is ready: confirm that this address is yours.',
    button: 'Confirm email address',
    code: true,
    end: notMine,
  },
  invite: {
    subject: "You've been invited",
    title: 'You have been invited',
    lead: 'Somebody invites you to {{ .SiteURL }}. Accept, and your account is made.',
    button: 'Accept the invitation',
    code: true,
    end: 'If you do not know what this is about, you can ignore this mail.',
  },
  recovery: {
    subject: 'Reset your password',
    title: 'Reset your password',
    lead: 'You can choose a new password now.',
    button: 'Reset password',
    code: true,
    end: `${notMine} Your password stays as it is.`,
  },
  magic_link: {
    subject: 'Your sign-in link',
    title: 'Sign in',
    lead: 'This link signs you in. It works once, and not for long.',
    button: 'Sign in',
    code: true,
    end: notMine,
  },
  email_change: {
    subject: 'Confirm your new email address',
    title: 'Confirm your new email address',
    lead: 'The address of your account is to become {{ .NewEmail }}.',
    button: 'Confirm the change',
    code: true,
    end: notMine,
  },
  reauthentication: {
    subject: '{{ .Token }} is your verification code',
    title: 'Your verification code',
    lead: 'Enter this code to go on. It works once, and not for long.',
    code: true,
    end: 'If you did not ask for this, somebody may be using your account: change your password.',
  },
  password_changed_notification: {
    subject: 'Your password was changed',
    title: 'Your password was changed',
    lead: 'The password of your account {{ .Email }} was changed a moment ago.',
    end: notMyChange,
  },
  email_changed_notification: {
    subject: 'Your email address was changed',
    title: 'Your email address was changed',
    lead: 'The address of your account was changed{{ if .OldEmail }} from {{ .OldEmail }}{{ end }} to {{ .Email }}.',
    end: 'If this was not you, tell us at once.',
  },
  phone_changed_notification: {
    subject: 'Your phone number was changed',
    title: 'Your phone number was changed',
    lead: 'The number of your account was changed{{ if .OldPhone }} from {{ .OldPhone }}{{ end }}{{ if .Phone }} to {{ .Phone }}{{ end }}.',
    end: notMyChange,
  },
  already_registered: {
    subject: 'You already have an account',
    title: 'You already have an account',
    lead: 'Somebody signed up with this address, which has an account at {{ .SiteURL }} already. If it was you, sign in, or reset your password if you forgot it.',
    end: 'If it was not you, there is nothing to do: nobody got in, and nothing has changed.',
  },
};

/** One column, nothing from anywhere else, and readable in the dark. */
const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
:root { color-scheme: light dark }
body { margin: 0; padding: 32px 16px; background: #f4f4f5; color: #18181b;
  font: 16px/1.5 -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif }
main { display: block; max-width: 440px; margin: 0 auto; padding: 32px; background: #fff; border-radius: 12px }
h1 { margin: 0 0 16px; font-size: 22px; line-height: 1.3 }
p { margin: 0 0 16px; overflow-wrap: anywhere }
.button { display: inline-block; padding: 12px 20px; background: #18181b; color: #fff; border-radius: 8px;
  font-weight: 600; text-decoration: none }
.code { font: 600 30px/1.2 ui-monospace, Menlo, Consolas, monospace; letter-spacing: 6px }
.small { color: #71717a; font-size: 14px }
@media (prefers-color-scheme: dark) {
  body { background: #09090b; color: #fafafa }
  main { background: #18181b }
  .button { background: #fafafa; color: #18181b }
  .small { color: #a1a1aa }
}
</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;

const bodyOf = ({ lead, button, code, end }: Words): string =>
  [
    `<p>${lead}</p>`,
    button && `<p><a class="button" href="{{ .ConfirmationURL }}">${button}</a></p>`,
    code && button && '<p>Or enter this code:</p>',
    code && '<p class="code">{{ .Token }}</p>',
    `<p class="small">${end}</p>`,
  ]
    .filter((line) => typeof line === 'string')
    .join('\n');

export interface BuiltInMail {
  readonly subject: string;
  readonly html: string;
}

/** The mail of this kind as it is without templates of one's own, in the language of those. */
export const builtInMail = (kind: MailKind): BuiltInMail => {
  const { subject, title } = words[kind];
  return { subject, html: page(title, bodyOf(words[kind])) };
};
