import { delegated, type Feature } from '../feature.js';
import * as contract from './oauth.contract.js';
import { CallbackForm, ExchangeCodeBody, SignInWithIdTokenBody } from './oauth.input.js';

export const oauth: Feature = {
  name: 'oauth',
  offers: [
    delegated(contract.authorize),
    delegated(contract.callback),
    delegated(contract.callbackByForm, CallbackForm),
    delegated(contract.signInWithIdToken, SignInWithIdTokenBody),
    delegated(contract.exchangeCode, ExchangeCodeBody),
  ],
  options: {},
};
