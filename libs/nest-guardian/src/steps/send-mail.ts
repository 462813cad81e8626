import type { User } from '../core/records.js';
import type { MadeSecret } from '../tokens/one-time-secret.js';
import type { LocalNeeds } from './needs.js';

/** What those who send mail read of its settings. */
export interface SendSettings {
  readonly links: { readonly linkLifetime: number };
  readonly mail: {
    readonly invitePath: string;
    readonly confirmationPath: string;
    readonly recoveryPath: string;
    readonly emailChangePath: string;
  };
}

/** GoTrue's names of what a link is verified as (contract 2.8). */
export type LinkType = 'signup' | 'invite' | 'recovery' | 'magiclink' | 'email_change';

const pathOf = {
  signup: 'confirmationPath',
  invite: 'invitePath',
  recovery: 'recoveryPath',
  // GoTrue: a magic link is a recovery with other words.
  magiclink: 'recoveryPath',
  email_change: 'emailChangePath',
} as const satisfies Record<LinkType, keyof SendSettings['mail']>;

const kindOf = {
  signup: 'confirmation',
  invite: 'invite',
  recovery: 'recovery',
  magiclink: 'magic_link',
  email_change: 'email_change',
} as const satisfies Record<LinkType, string>;

type LinkNeeds = Pick<LocalNeeds, 'places'> & { readonly settings: SendSettings };
type SendNeeds = LinkNeeds & Pick<LocalNeeds, 'outbox' | 'clock'>;

/** The address that redeems the secret and then sends the browser on; `redirectTo` has been judged. */
export function actionLink(
  type: LinkType,
  { linkToken, redirectTo }: { readonly linkToken: string; readonly redirectTo: string },
  { places, settings }: LinkNeeds,
): string {
  const base = addressOf(settings.mail[pathOf[type]], places);
  // GoTrue: the target is encoded only where it would otherwise be read as a part of the link; and here also where
  // it would come back as another one, which may not be allowed.
  const target = /[&=#%+]/.test(redirectTo) ? encodeURIComponent(redirectTo) : redirectTo;
  return `${base}${base.includes('?') ? '&' : '?'}token=${linkToken}&type=${type}&redirect_to=${target}`;
}

function addressOf(path: string, { apiUrl }: LinkNeeds['places']): string {
  if (/^https?:\/\//i.test(path)) return path;
  const own = `/${path.replace(/^\/+/, '')}`;
  // GoTrue: paths begin at the host, so that of an installation behind a prefix names the prefix itself.
  const { origin, pathname } = new URL(apiUrl);
  return own.startsWith(`${pathname}/`) ? `${origin}${own}` : `${apiUrl}${own}`;
}

export interface LinkMail {
  readonly type: LinkType;
  readonly secret: MadeSecret;
  /** Whose mailbox; left out, the user's own address. */
  readonly to?: string;
  readonly redirectTo: string;
}

/** Puts a mail with a link and its code into the outbox. */
export async function sendLink(user: User, mail: LinkMail, needs: SendNeeds): Promise<void> {
  const { type, secret, redirectTo } = mail;
  const to = mail.to ?? user.email ?? '';
  const { code, linkToken } = secret;
  const variables = {
    ConfirmationURL: actionLink(type, { linkToken, redirectTo }, needs),
    Token: code,
    TokenHash: linkToken,
    RedirectTo: redirectTo,
    ...(type === 'email_change' && { NewEmail: user.newEmail ?? '', SendingTo: to }),
  };
  const lifetime = needs.settings.links.linkLifetime;
  await sendMail(user, { kind: kindOf[type], to, variables, lifetime }, needs);
}

export interface PlainMail {
  readonly kind: string;
  readonly to: string;
  /** Beside those that every mail has. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** How long it is of use, in milliseconds; left out, as long as news of an account is. */
  readonly lifetime?: number;
}

/** A mail server may be away over a weekend, and that a password was changed is worth knowing then too. */
const lifetimeOfNews = 3 * 24 * 60 * 60 * 1000;

/** Puts a mail into the outbox. It leaves when the unit of work is committed, and not at all otherwise. */
export async function sendMail(
  user: User,
  { kind, to, variables, lifetime = lifetimeOfNews }: PlainMail,
  needs: SendNeeds,
): Promise<void> {
  const at = needs.clock.now();
  await needs.outbox.put({
    channel: 'mail',
    kind,
    recipient: to,
    variables: {
      SiteURL: needs.places.siteUrl,
      Email: user.email ?? '',
      Data: user.userMetadata,
      ...variables,
    },
    at,
    expiresAt: new Date(at.getTime() + lifetime),
  });
}
