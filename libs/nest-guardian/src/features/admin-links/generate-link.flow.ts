import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { User } from '../../core/records.js';
import { issueSecret } from '../../steps/one-time-secret.js';
import { type RedirectNeeds, redirectTarget } from '../../steps/redirect-target.js';
import { actionLink, type SendSettings } from '../../steps/send-mail.js';
import { userBody } from '../../wire/user.js';
import { requireGivenEmail } from '../admin-users/unconfirmed-account.js';
import { requireMetadataFits } from '../user/require-metadata-fits.js';
import { requireStored } from '../user/require-stored.js';
import type { UserSettings } from '../user/user.options.js';
import {
  adminLinkConditions,
  type AdminLinkType,
  type GenerateLinkInput,
  generateLink as operation,
} from './admin-links.contract.js';
import { isLinkType, type LinkMaking, makings, type MakingNeeds } from './link-makings.js';

type Needs = MakingNeeds &
  RedirectNeeds & {
    readonly settings: SendSettings & {
      readonly links: { readonly codeLength: number };
      readonly user: UserSettings;
    };
  };

export const generateLink: Flow<typeof operation, Needs> = async (input, needs) => {
  const email = requireGivenEmail(input.email);
  const { data = {} } = input;
  requireMetadataFits(data, needs.settings.user);
  const redirectTo = redirectTarget(input.redirect_to, needs);
  const known = await needs.users.findByEmail(email, needs.tokens.settings.audience);
  const type = requireType(input, known);
  const making: LinkMaking = await makings[type]({ input, email, data, known }, needs);
  const { user, order, change, linkType } = making;
  const digits = needs.settings.links.codeLength;
  const { code, linkToken } = await issueSecret(user, { ...order, digits }, needs);
  const changed = requireStored(await needs.users.update(user.id, change, needs.clock.now()));
  return {
    ...userBody(changed),
    action_link: actionLink(linkType, { linkToken, redirectTo }, needs),
    email_otp: code,
    hashed_token: linkToken,
    verification_type: type,
    redirect_to: redirectTo,
  };
};

/** GoTrue: a magic link makes an account for whoever has none; nothing else does but what says so. */
function requireType({ type = '' }: GenerateLinkInput, known: User | null): AdminLinkType {
  if (!isLinkType(type)) return deny(adminLinkConditions.linkTypeUnknown, { value: type.slice(0, 100) });
  if (known !== null || type === 'signup' || type === 'invite') return type;
  return type === 'magiclink' ? 'signup' : deny(adminLinkConditions.linkUserNotFound);
}
