import type { LocalNeeds } from '../../steps/needs.js';

type Needs = Pick<LocalNeeds, 'users' | 'hasher' | 'tokens'> & {
  readonly settings: { readonly links: { readonly clearUnproved: boolean } };
};

/** What somebody signs up with. */
export interface SigningUp {
  /** In lower case; of no matter where there is a number. */
  readonly email: string;
  readonly phone: string | null;
  readonly password: string;
}

/**
 * P-01: whether somebody with another password has signed up before and waits for the owner of address or number to
 * confirm what they have chosen. One of the two is not the owner, so that neither's choice is to be confirmed.
 * GoTrue: the first one's is. Timing: takes as long where nobody waits.
 */
export async function isContested({ email, phone, password }: SigningUp, needs: Needs): Promise<boolean> {
  if (!needs.settings.links.clearUnproved) return false;
  const { audience } = needs.tokens.settings;
  const user = await (phone === null
    ? needs.users.findByEmail(email, audience)
    : needs.users.findByPhone(phone, audience));
  const waits = user !== null && user.emailConfirmedAt === null && user.phoneConfirmedAt === null;
  const isSame = await needs.hasher.verify(password, waits ? user.passwordHash : null);
  return waits && !isSame;
}
