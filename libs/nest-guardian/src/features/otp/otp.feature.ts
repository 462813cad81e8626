import { delegated, type Feature, offer } from '../feature.js';
import { reauthenticate, sendMagicLink, sendOtp } from './otp.contract.js';
import { SendMagicLinkBody, SendOtpBody } from './otp.input.js';
import { reauthenticate as reauthenticateFlow } from './reauthenticate.flow.js';

export const otp: Feature = {
  name: 'otp',
  offers: [
    delegated(sendOtp, SendOtpBody),
    delegated(sendMagicLink, SendMagicLinkBody),
    offer(reauthenticate, reauthenticateFlow),
  ],
  options: {},
};
