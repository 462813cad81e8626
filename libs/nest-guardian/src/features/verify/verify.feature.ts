import { delegated, type Feature } from '../feature.js';
import { resend, verify as verifyOperation, verifyByLink } from './verify.contract.js';
import { ResendBody, VerifyBody } from './verify.input.js';

export const verify: Feature = {
  name: 'verify',
  offers: [delegated(verifyOperation, VerifyBody), delegated(verifyByLink), delegated(resend, ResendBody)],
  options: {},
};
