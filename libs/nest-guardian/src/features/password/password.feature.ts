import { type Feature, offer } from '../feature.js';
import { signInWithPassword, signUp } from './password.contract.js';
import { SignInBody, SignUpBody } from './password.input.js';
import { passwordOptions } from './password.options.js';
import { signInWithPassword as signInFlow } from './sign-in.flow.js';
import { signUpWithPassword } from './sign-up.flow.js';

export const password: Feature = {
  name: 'password',
  offers: [offer(signUp, signUpWithPassword, SignUpBody), offer(signInWithPassword, signInFlow, SignInBody)],
  options: passwordOptions,
};
