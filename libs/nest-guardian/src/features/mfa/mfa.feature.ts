import { asItIs, type Feature, offer } from '../feature.js';
import { challengeFactor as challengeFlow } from './challenge-factor.flow.js';
import { enrollFactor as enrollFlow } from './enroll-factor.flow.js';
import { challengeFactor, enrollFactor, unenrollFactor, verifyFactor } from './mfa.contract.js';
import { EnrollFactorBody, RecoveryCodeBody, VerifyFactorBody } from './mfa.input.js';
import { mfaOptions } from './mfa.options.js';
import { countRecoveryCodes, makeRecoveryCodes, verifyRecoveryCode } from './recovery-codes.contract.js';
import {
  countRecoveryCodes as countFlow,
  makeRecoveryCodes as makeFlow,
  verifyRecoveryCode as verifyCodeFlow,
} from './recovery-codes.flow.js';
import { unenrollFactor as unenrollFlow } from './unenroll-factor.flow.js';
import { verifyFactor as verifyFlow } from './verify-factor.flow.js';

export const mfa: Feature = {
  name: 'mfa',
  offers: [
    offer(enrollFactor, enrollFlow, EnrollFactorBody),
    // GoTrue: reads it for kinds of factors that are not built here, and no body at all is fine.
    offer(challengeFactor, challengeFlow, asItIs),
    offer(verifyFactor, verifyFlow, VerifyFactorBody),
    offer(unenrollFactor, unenrollFlow),
    offer(makeRecoveryCodes, makeFlow),
    offer(countRecoveryCodes, countFlow),
    offer(verifyRecoveryCode, verifyCodeFlow, RecoveryCodeBody),
  ],
  options: mfaOptions,
};
