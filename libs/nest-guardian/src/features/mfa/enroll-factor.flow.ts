import { randomUUID } from 'node:crypto';
import { renderSVG } from 'uqr';
import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import type { Flow } from '../../core/flow.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { newTotpSecret, totpUri } from '../../tokens/totp.js';
import { type enrollFactor as operation, type EnrollmentBody, mfaConditions } from './mfa.contract.js';
import type { MfaSettings } from './mfa.options.js';
import { type Asking, requireSession } from './require-factor.js';

type Needs = Pick<LocalNeeds, 'users' | 'factors' | 'audit' | 'principal' | 'clock' | 'places' | 'caller'> & {
  readonly settings: { readonly mfa: MfaSettings };
};

const off = new Map([
  ['phone', mfaConditions.phoneEnrollmentOff],
  ['webauthn', mfaConditions.webauthnEnrollmentOff],
]);

export const enrollFactor: Flow<typeof operation, Needs> = async (input, needs) => {
  const asking = await requireSession(needs);
  const { factor_type = '', friendly_name: friendlyName = '', issuer = '' } = input;
  if (factor_type !== 'totp') deny(off.get(factor_type) ?? mfaConditions.factorTypeUnknown);
  if (!needs.settings.mfa.totpEnroll) deny(mfaConditions.totpEnrollmentOff);
  const totp = totpFor(asking.user, issuer, needs);
  const id = await insert({ friendlyName, secret: totp.secret }, asking, needs);
  return { id, type: 'totp', friendly_name: friendlyName, totp };
};

/** More bytes than a QR code of this correction can hold, with something to spare. */
const longestUri = 2_000;

function totpFor(
  user: User,
  named: string,
  { settings, places }: Needs,
): NonNullable<EnrollmentBody['totp']> {
  const secret = newTotpSecret();
  const issuer = named || settings.mfa.issuer || new URL(places.siteUrl).host;
  // GoTrue: cannot set up a factor for somebody without an address.
  const account = user.email ?? user.phone ?? user.id;
  const uri = totpUri(secret, { issuer, account });
  if (uri.length > longestUri) deny(mfaConditions.issuerTooLong);
  return { qr_code: renderSVG(uri, { ecc: 'M', border: 4, pixelSize: 4 }), secret, uri };
}

/**
 * Race: the insertion holds the person, so what is judged after it is what no other enrolment changes any more. What
 * is refused then is undone.
 */
async function insert(
  { friendlyName, secret }: { readonly friendlyName: string; readonly secret: string },
  { user, session }: Asking,
  needs: Needs,
): Promise<string> {
  const at = needs.clock.now();
  const [id, userId] = [randomUUID(), user.id];
  await needs.factors.purgeUnverified(new Date(at.getTime() - needs.settings.mfa.factorLifetime));
  const factor = await needs.factors.insert({ id, userId, friendlyName, factorType: 'totp', secret, at });
  if (factor === null) deny(mfaConditions.factorNameTaken, { value: JSON.stringify(friendlyName) });
  const now = await needs.users.findWithSession(userId, session.id);
  if (now === null) deny(common.userOfTokenNotFound);
  requireMayHaveMore({ ...now, session: now.session ?? deny(common.sessionNotFound) }, needs.settings.mfa);
  const ip = needs.caller.address;
  const traits = { factor_id: id };
  await needs.audit.record({ actor: user, action: 'factor_in_progress', logType: 'factor', traits, at, ip });
  return id;
}

/** The new one is among them already. */
function requireMayHaveMore({ user, session }: Asking, settings: MfaSettings): void {
  const verified = user.factors.filter(({ status }) => status === 'verified').length;
  const isFull = user.factors.length > settings.maxFactors || verified >= settings.maxVerifiedFactors;
  if (isFull) deny(mfaConditions.tooManyFactors);
  if (verified > 0 && session.aal !== 'aal2') deny(mfaConditions.aalTooLowToEnroll);
}
