import type { User } from '../core/records.js';
import type { PkceMembers } from '../wire/session.js';
import { isPkce, type LinkMethod, startFlow } from './challenge.js';
import type { LocalNeeds } from './needs.js';
import { issueSecret, requireNotTooSoon, type SendingLimit } from './one-time-secret.js';
import { type SendSettings, sendLink } from './send-mail.js';

/** What those who mail links read of their settings. */
export interface LinkSettings extends SendSettings {
  readonly links: SendSettings['links'] & { readonly codeLength: number; readonly uniformAnswers: boolean };
  readonly mail: SendSettings['mail'] & { readonly maxFrequency: number };
}

/** What a link in a mail takes. */
export type LinkNeeds = Pick<
  LocalNeeds,
  'secrets' | 'secretForm' | 'flowStates' | 'outbox' | 'places' | 'clock'
> & { readonly settings: LinkSettings };

/** How somebody asked for a link. */
export interface LinkRequest {
  readonly challenge: PkceMembers;
  /** Where the link leads in the end; it has been judged. */
  readonly redirectTo: string;
  /** Whether somebody else may have chosen what is in the account. */
  readonly isContested?: boolean;
}

const linkTypes = {
  signup: { slot: 'confirmation', method: 'email/signup' },
  magiclink: { slot: 'recovery', method: 'magiclink' },
  recovery: { slot: 'recovery', method: 'recovery' },
} as const satisfies Record<string, { slot: 'confirmation' | 'recovery'; method: LinkMethod }>;

/**
 * Mails a link and a code to the user's own address; those sent before in the same slot open nothing any more.
 * Where known and unknown addresses are answered alike, how often it may be asked is counted by `answerAlike` and
 * not here.
 * @throws emailTooSoon
 */
export async function mailLink(
  user: User,
  order: LinkRequest & { readonly type: keyof typeof linkTypes },
  needs: LinkNeeds,
): Promise<void> {
  const { type, challenge, redirectTo, isContested } = order;
  const { slot, method } = linkTypes[type];
  const { links, mail } = needs.settings;
  const secret = await issueSecret(
    user,
    {
      slot,
      kind: type,
      address: user.email ?? '',
      digits: links.codeLength,
      isPkce: isPkce(challenge),
      isContested,
      frequency: links.uniformAnswers ? undefined : mail.maxFrequency,
    },
    needs,
  );
  await startFlow(user, { method, challenge }, needs);
  await sendLink(user, { type, secret, redirectTo }, needs);
}

/**
 * Timing: for requests that anybody may make about any address. Where the options say so, what follows takes as
 * long for a known one as for one that nobody has, and the second request in a row is refused for both.
 * @throws the limit's `refusal`
 */
export async function answerAlike(
  limit: SendingLimit,
  needs: Pick<LocalNeeds, 'limits' | 'tokens' | 'clock' | 'hideDuration'> & {
    readonly settings: { readonly links: { readonly uniformAnswers: boolean } };
  },
): Promise<void> {
  if (!needs.settings.links.uniformAnswers) return;
  needs.hideDuration();
  await requireNotTooSoon(limit, needs);
}
