import { delegated, type Feature } from '../feature.js';
import { signInAnonymously } from './anonymous.contract.js';
import { SignInAnonymouslyBody } from './anonymous.input.js';

export const anonymous: Feature = {
  name: 'anonymous',
  offers: [delegated(signInAnonymously, SignInAnonymouslyBody)],
  options: {},
};
