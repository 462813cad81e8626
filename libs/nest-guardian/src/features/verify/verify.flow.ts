import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import { type IssueSettings, issueSession } from '../../steps/issue-session.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requirePhone } from '../../steps/send-text.js';
import { requireEmail } from '../password/address.js';
import type { PhoneSettings } from '../phone/phone.options.js';
import { confirm, type ConfirmNeeds, oneOfTwo } from './confirm.js';
import { type CodeShown, redeemCode, redeemLink } from './redeem-secret.js';
import { type verify as operation, verifyConditions, type VerifyInput } from './verify.contract.js';

export type VerifyNeeds = ConfirmNeeds &
  Pick<LocalNeeds, 'secretForm' | 'limits' | 'tokens' | 'caller'> & {
    readonly settings: IssueSettings & { readonly phone: PhoneSettings };
  };

export const verifySecret: Flow<typeof operation, VerifyNeeds> = async (input, needs) => {
  const { type = '', token = '', token_hash = '' } = input;
  if (type === '') deny(verifyConditions.verifyTypeMissing);
  if ((token === '') === (token_hash === '')) deny(verifyConditions.verifyTokenMissing);
  if (token_hash !== '') requireNothingElse(input, needs);
  const redeemed =
    token_hash === ''
      ? await redeemCode(type, requireCodeShown(input), needs)
      : await redeemLink(type, token_hash, needs);
  if (!(await confirm(redeemed, needs))) return { msg: oneOfTwo, code: '200' };
  return issueSession(redeemed.user, { method: 'otp' }, needs);
};

/** GoTrue: `redirect_to` is minded in the body only, where clients do not put it. */
function requireNothingElse({ email, phone, redirect_to }: VerifyInput, { caller }: VerifyNeeds): void {
  const isInBody = Boolean(redirect_to) && caller.redirectTo === null;
  if (email || phone || isInBody) deny(verifyConditions.verifyHashWithMore);
}

/** The code, and where it is said to have been sent. */
function requireCodeShown({ token: code = '', email = '', phone = '' }: VerifyInput): CodeShown {
  if ((email === '') === (phone === '')) deny(verifyConditions.verifyAddressAmbiguous);
  if (phone !== '') return { code, address: requirePhone(phone), sentBy: 'text' };
  return { code, address: requireAddress(email), sentBy: 'mail' };
}

/** GoTrue: with another status, and in other words, than everywhere else. */
function requireAddress(email: string): string {
  try {
    return requireEmail(email);
  } catch {
    return deny(verifyConditions.verifyEmailInvalid);
  }
}
