import { type Feature, offer } from '../feature.js';
import { resend as resendFlow } from './resend.flow.js';
import { resend, verify as verifyOperation, verifyByLink } from './verify.contract.js';
import { ResendBody, VerifyBody } from './verify.input.js';
import { verifySecret } from './verify.flow.js';
import { followLink } from './verify-by-link.flow.js';

export const verify: Feature = {
  name: 'verify',
  offers: [
    offer(verifyOperation, verifySecret, VerifyBody),
    offer(verifyByLink, followLink),
    offer(resend, resendFlow, ResendBody),
  ],
  options: {},
};
