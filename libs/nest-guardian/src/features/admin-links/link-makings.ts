import { deny } from '../../core/auth-error.js';
import type { UserChange } from '../../core/ports/stores.js';
import type { Metadata, User } from '../../core/records.js';
import { adminActor } from '../../steps/admin-actor.js';
import type { LocalNeeds } from '../../steps/needs.js';
import type { SecretOrder } from '../../steps/one-time-secret.js';
import type { LinkType } from '../../steps/send-mail.js';
import { adminUserConditions } from '../admin-users/admin-users.contract.js';
import {
  type AccountNeeds,
  requireGivenEmail,
  requireUnconfirmed,
  unconfirmedAccount,
} from '../admin-users/unconfirmed-account.js';
import { passwordConditions } from '../password/password.contract.js';
import type { PasswordSettings } from '../password/password.options.js';
import { requireAcceptablePassword } from '../password/require-acceptable-password.js';
import { adminLinkConditions, type AdminLinkType, type GenerateLinkInput } from './admin-links.contract.js';

export type MakingNeeds = Pick<LocalNeeds, 'audit' | 'hasher' | 'secretForm' | 'caller' | 'principal'> &
  AccountNeeds & {
    readonly settings: {
      readonly password: PasswordSettings;
      readonly mail: { readonly secureEmailChange: boolean };
    };
  };

interface Asked {
  readonly input: GenerateLinkInput;
  /** In lower case. */
  readonly email: string;
  readonly data: Metadata;
  /** Whoever has the address. */
  readonly known: User | null;
}

/** Whose link it is, what its secret is good for, and what is written beside it. */
export interface LinkMaking {
  readonly user: User;
  readonly order: Pick<SecretOrder, 'slot' | 'kind' | 'address'>;
  readonly change: UserChange;
  readonly linkType: LinkType;
}

type Make = (asked: Asked, needs: MakingNeeds) => Promise<LinkMaking>;

const requireKnown = ({ known }: Asked): User => known ?? deny(adminLinkConditions.linkUserNotFound);

const comeBack =
  (kind: 'magiclink' | 'recovery'): Make =>
  async (asked, needs) => {
    const user = requireKnown(asked);
    const at = needs.clock.now();
    await needs.audit.record({ actor: user, action: 'user_recovery_requested', logType: 'user', at });
    return {
      user,
      order: { slot: 'recovery', kind, address: asked.email },
      change: {},
      linkType: kind,
    };
  };

const signUp: Make = async ({ input, email, data, known }, needs) => {
  requireUnconfirmed(known);
  const isAfresh = known === null || needs.settings.links.clearUnproved;
  const passwordHash = isAfresh ? await hashFor(input, needs) : null;
  const user = await unconfirmedAccount(known, { email, data, passwordHash }, needs);
  return {
    user,
    order: { slot: 'confirmation', kind: 'signup', address: email },
    // GoTrue: whoever is there already keeps the password, and gets the metadata.
    change: isAfresh ? {} : { userMetadataMerge: data },
    linkType: 'signup',
  };
};

/** Null for a magic link, which nobody knows a password for. */
async function hashFor(
  { type, email, password }: GenerateLinkInput,
  needs: MakingNeeds,
): Promise<string | null> {
  if (type === 'magiclink') return null;
  if (!password) deny(passwordConditions.passwordMissing);
  requireAcceptablePassword(password, email ?? null, needs.settings.password);
  return needs.hasher.hash(password);
}

const invite: Make = async ({ email, data, known }, needs) => {
  requireUnconfirmed(known);
  const user = await unconfirmedAccount(known, { email, data, passwordHash: null }, needs);
  const [actor, at] = [adminActor(needs), needs.clock.now()];
  const traits = { user_id: user.id, user_email: email };
  await needs.audit.record({ actor, action: 'user_invited', logType: 'team', traits, at });
  return {
    user,
    order: { slot: 'confirmation', kind: 'invite', address: email },
    change: { invitedAt: at },
    linkType: 'invite',
  };
};

const changeEmail =
  (slot: 'email_change_current' | 'email_change_new'): Make =>
  async (asked, needs) => {
    const user = requireKnown(asked);
    const isCurrent = slot === 'email_change_current';
    if (isCurrent && !needs.settings.mail.secureEmailChange) deny(adminLinkConditions.currentEmailNotAsked);
    const newEmail = requireGivenEmail(asked.input.new_email);
    const owner = await needs.users.findByEmail(newEmail, user.audience);
    if (owner !== null && owner.id !== user.id) deny(adminUserConditions.emailTaken);
    return {
      user,
      order: { slot, kind: slot, address: isCurrent ? asked.email : newEmail },
      change: { newEmail, emailChangeStatus: 0 },
      linkType: 'email_change',
    };
  };

/** How the link of each type is made. */
export const makings: Readonly<Record<AdminLinkType, Make>> = {
  signup: signUp,
  invite,
  magiclink: comeBack('magiclink'),
  recovery: comeBack('recovery'),
  email_change_current: changeEmail('email_change_current'),
  email_change_new: changeEmail('email_change_new'),
};

export const isLinkType = (type: string): type is AdminLinkType => Object.hasOwn(makings, type);
