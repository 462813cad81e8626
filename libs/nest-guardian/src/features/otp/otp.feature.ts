import { type Feature, offer } from '../feature.js';
import { reauthenticate, sendMagicLink, sendOtp } from './otp.contract.js';
import { SendMagicLinkBody, SendOtpBody } from './otp.input.js';
import { reauthenticate as reauthenticateFlow } from './reauthenticate.flow.js';
import { sendMagicLink as sendMagicLinkFlow, sendOtp as sendOtpFlow } from './send-otp.flow.js';

export const otp: Feature = {
  name: 'otp',
  offers: [
    offer(sendOtp, sendOtpFlow, SendOtpBody),
    offer(sendMagicLink, sendMagicLinkFlow, SendMagicLinkBody),
    offer(reauthenticate, reauthenticateFlow),
  ],
  options: {},
};
