import { delegated, type Feature } from '../feature.js';
import { reauthenticate, sendMagicLink, sendOtp } from './otp.contract.js';
import { SendMagicLinkBody, SendOtpBody } from './otp.input.js';

export const otp: Feature = {
  name: 'otp',
  offers: [
    delegated(sendOtp, SendOtpBody),
    delegated(sendMagicLink, SendMagicLinkBody),
    delegated(reauthenticate),
  ],
  options: {},
};
