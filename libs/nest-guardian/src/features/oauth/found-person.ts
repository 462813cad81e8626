import { deny, denyButKeep } from '../../core/auth-error.js';
import type { Idp, IdpProfile } from '../../core/ports/idps.js';
import type { Identity, Metadata, User } from '../../core/records.js';
import { answerAlike, type LinkNeeds, type LinkSettings, mailLink } from '../../steps/mail-link.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { sendMail } from '../../steps/send-mail.js';
import { identitiesConditions } from '../identities/identities.contract.js';
import type { LinksSettings } from '../links/links.options.js';
import { isEmail } from '../password/address.js';
import type { PasswordSettings } from '../password/password.options.js';
import { oauthConditions } from './oauth.contract.js';

/** Whom an identity provider has named. */
export interface FoundPerson {
  readonly idp: Pick<Idp, 'name' | 'isEmailOptional'>;
  readonly profile: IdpProfile;
  /** What an invitation's link carries, where one is being answered. */
  readonly inviteToken?: string | null;
}

/** What it takes to find, make or add to an account. */
export type AccountNeeds = LinkNeeds &
  Pick<
    LocalNeeds,
    'users' | 'sessions' | 'audit' | 'tokens' | 'limits' | 'caller' | 'announce' | 'hideDuration'
  > & {
    readonly settings: LinkSettings & {
      readonly links: LinksSettings;
      readonly mail: { readonly notifyAlreadyRegistered: boolean };
      readonly password: PasswordSettings;
    };
  };

/** The same person, as accounts speak of people. */
export interface Person {
  readonly idp: FoundPerson['idp'];
  readonly subject: string;
  /** In lower case; null where there is none, or what there is can be no address. */
  readonly address: string | null;
  /** P-03: whether the provider has said outright that they read that address. */
  readonly isVerified: boolean;
  /** What is kept of the identity. Its address is the one that counts, and no other that the provider may have told. */
  readonly data: Metadata;
}

/** @throws idpSubjectMissing */
export function readPerson({ idp, profile }: FoundPerson): Person {
  const { subject, email } = profile;
  // Everybody without a subject would be one and the same.
  if (subject === '') deny(oauthConditions.idpSubjectMissing);
  const written = email?.address.trim() ?? '';
  const address = isEmail(written) ? written.toLowerCase() : null;
  const isVerified = address !== null && email?.isVerified === true;
  const { email: _told, ...told } = profile.data;
  const data = {
    ...told,
    ...(address !== null && { email: address }),
    email_verified: isVerified,
    phone_verified: false,
  };
  return { idp, subject, address, isVerified, data };
}

/** Whether the address counts as theirs, where the person has one. */
export const isProved = (
  { address, isVerified }: Pick<Person, 'address' | 'isVerified'>,
  { settings }: AccountNeeds,
): boolean => address !== null && (isVerified || settings.password.autoconfirm);

/** Gives the user the identity. @throws identityOfAnother */
export async function addIdentity(
  { id: userId }: Pick<User, 'id'>,
  { idp, subject, data }: Person,
  { users, clock }: Pick<LocalNeeds, 'users' | 'clock'>,
): Promise<Identity> {
  const identity = { userId, provider: idp.name, providerId: subject, identityData: data, at: clock.now() };
  // Race: a GoTrue server on the same database does not wait for us.
  return (await users.insertIdentity(identity)) ?? deny(identitiesConditions.identityOfAnother);
}

/** Writes into the audit trail that the user has one more identity. */
export const noteLinked = (
  actor: User,
  { id, provider, providerId }: Identity,
  { audit, caller, clock }: Pick<LocalNeeds, 'audit' | 'caller' | 'clock'>,
): Promise<void> =>
  audit.record({
    actor,
    action: 'identity_linked',
    logType: 'user',
    traits: { identity_id: id, provider, provider_id: providerId },
    ip: caller.address,
    at: clock.now(),
  });

/**
 * Mails the user a link that confirms their address. GoTrue: it leads to the site, whatever the flow's own target.
 * @throws emailTooSoon
 */
export async function mailConfirmation(user: User, needs: AccountNeeds): Promise<void> {
  const frequency = needs.settings.mail.maxFrequency;
  await answerAlike({ purpose: 'confirmation', address: user.email ?? '', frequency }, needs);
  await mailLink(user, { type: 'signup', challenge: {}, redirectTo: needs.places.siteUrl }, needs);
}

/**
 * Sends away whoever comes with an unverified address that somebody has. GoTrue: in words by which they learn that it has
 * an account. Where answers are to be alike they hear what they would hear of a free one, and the owner gets the mail.
 * @throws idpEmailUnverified, idpEmailBeingVerified, emailTooSoon
 */
export async function turnAway(person: Person, needs: AccountNeeds): Promise<never> {
  const { idp, address } = person;
  const { links, mail } = needs.settings;
  // Whom a free one lets in at once learns it anyhow.
  if (address === null || isProved(person, needs) || !links.uniformAnswers)
    deny(oauthConditions.idpEmailUnverified, { value: idp.name });
  await answerAlike({ purpose: 'confirmation', address, frequency: mail.maxFrequency }, needs);
  const owner = await needs.users.findByEmail(address, needs.tokens.settings.audience);
  if (owner !== null && owner.emailConfirmedAt !== null && mail.notifyAlreadyRegistered)
    await sendMail(owner, { kind: 'already_registered', to: address }, needs);
  return denyButKeep(oauthConditions.idpEmailBeingVerified, { value: idp.name });
}
