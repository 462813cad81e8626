import { delegated, type Feature, offer } from '../feature.js';
import { exchangeCode } from './exchange-code.flow.js';
import * as flows from './no-idp.flow.js';
import * as contract from './oauth.contract.js';
import { CallbackForm, ExchangeCodeBody, SignInWithIdTokenBody } from './oauth.input.js';

export const oauth: Feature = {
  name: 'oauth',
  offers: [
    offer(contract.authorize, flows.authorize),
    delegated(contract.callback),
    delegated(contract.callbackByForm, CallbackForm),
    offer(contract.signInWithIdToken, flows.signInWithIdToken, SignInWithIdTokenBody),
    offer(contract.exchangeCode, exchangeCode, ExchangeCodeBody),
  ],
  options: {},
};
