import { delegated, type Feature, offer } from '../feature.js';
import { resend, verify as verifyOperation, verifyByLink } from './verify.contract.js';
import { ResendBody, VerifyBody } from './verify.input.js';
import { verifySecret } from './verify.flow.js';
import { followLink } from './verify-by-link.flow.js';

export const verify: Feature = {
  name: 'verify',
  offers: [
    offer(verifyOperation, verifySecret, VerifyBody),
    offer(verifyByLink, followLink),
    delegated(resend, ResendBody),
  ],
  options: {},
};
