import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireCaller } from '../../steps/require-caller.js';
import { otpConditions, reauthenticate as operation } from './otp.contract.js';

type Needs = Pick<LocalNeeds, 'users' | 'principal' | 'clock'>;

/** Nothing is sent from here, so all there is to say is who could not be sent anything anyway. */
export const reauthenticate: Flow<typeof operation, Needs> = async (_, needs) => {
  const { user } = await requireCaller(needs);
  if (user.email === null && user.phone === null) deny(otpConditions.reauthenticationWithoutAddress);
  return deny(operation.off);
};
