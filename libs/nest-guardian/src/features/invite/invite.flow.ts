import type { Flow } from '../../core/flow.js';
import { adminActor } from '../../steps/admin-actor.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { issueSecret } from '../../steps/one-time-secret.js';
import { type RedirectNeeds, redirectTarget } from '../../steps/redirect-target.js';
import { sendLink, type SendSettings } from '../../steps/send-mail.js';
import { userBody } from '../../wire/user.js';
import {
  type AccountNeeds,
  requireGivenEmail,
  requireUnconfirmed,
  unconfirmedAccount,
} from '../admin-users/unconfirmed-account.js';
import { requireMetadataFits } from '../user/require-metadata-fits.js';
import { requireStored } from '../user/require-stored.js';
import type { UserSettings } from '../user/user.options.js';
import { invite as operation } from './invite.contract.js';

type Needs = Pick<LocalNeeds, 'audit' | 'secretForm' | 'outbox' | 'caller' | 'principal'> &
  AccountNeeds &
  RedirectNeeds & {
    readonly settings: SendSettings & {
      readonly links: { readonly codeLength: number };
      readonly user: UserSettings;
    };
  };

/** Role and application metadata are never the invitation's to give, whatever the body says. */
export const invite: Flow<typeof operation, Needs> = async ({ email: given, data = {}, ...input }, needs) => {
  const email = requireGivenEmail(given);
  requireMetadataFits(data, needs.settings.user);
  const redirectTo = redirectTarget(input.redirect_to, needs);
  const known = await needs.users.findByEmail(email, needs.tokens.settings.audience);
  requireUnconfirmed(known);
  const account = await unconfirmedAccount(known, { email, data, passwordHash: null }, needs);
  const [actor, at] = [adminActor(needs), needs.clock.now()];
  const traits = { user_id: account.id, user_email: email };
  await needs.audit.record({ actor, action: 'user_invited', logType: 'team', traits, at });
  const digits = needs.settings.links.codeLength;
  const order = { slot: 'confirmation', kind: 'invite', address: email, digits } as const;
  const secret = await issueSecret(account, order, needs);
  const invited = requireStored(await needs.users.update(account.id, { invitedAt: at }, at));
  await sendLink(invited, { type: 'invite', secret, redirectTo }, needs);
  return userBody(invited);
};
