import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireCaller } from '../../steps/require-caller.js';
import { type enrollFactor as operation, mfaConditions } from './mfa.contract.js';

type Needs = Pick<LocalNeeds, 'users' | 'principal' | 'clock'>;

const off = new Map([
  ['totp', mfaConditions.totpEnrollmentOff],
  ['phone', mfaConditions.phoneEnrollmentOff],
  ['webauthn', mfaConditions.webauthnEnrollmentOff],
]);

/** No kind of factor can be set up here; GoTrue says so of each in its own words. */
export const enrollFactor: Flow<typeof operation, Needs> = async ({ factor_type = '' }, needs) => {
  await requireCaller(needs);
  return deny(off.get(factor_type) ?? mfaConditions.factorTypeUnknown);
};
