import { asItIs, delegatedBehindBearer, type Feature, offer } from '../feature.js';
import { enrollFactor as enrollFlow } from './enroll-factor.flow.js';
import { challengeFactor, enrollFactor, unenrollFactor, verifyFactor } from './mfa.contract.js';

export const mfa: Feature = {
  name: 'mfa',
  offers: [
    offer(enrollFactor, enrollFlow, asItIs),
    delegatedBehindBearer(challengeFactor, asItIs),
    delegatedBehindBearer(verifyFactor, asItIs),
    delegatedBehindBearer(unenrollFactor),
  ],
  options: {},
};
