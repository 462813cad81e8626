import { type Feature, offer } from '../feature.js';
import { signInAnonymously } from './anonymous.contract.js';
import { SignInAnonymouslyBody } from './anonymous.input.js';
import { anonymousOptions } from './anonymous.options.js';
import { signInAnonymously as signInFlow } from './sign-in-anonymously.flow.js';

export const anonymous: Feature = {
  name: 'anonymous',
  offers: [offer(signInAnonymously, signInFlow, SignInAnonymouslyBody)],
  options: anonymousOptions,
};
