import { type Feature, offer } from '../feature.js';
import { authorize } from './authorize.flow.js';
import * as callbackContract from './callback.contract.js';
import { callback, callbackByForm } from './callback.flow.js';
import { exchangeCode } from './exchange-code.flow.js';
import * as contract from './oauth.contract.js';
import { oauthOptions } from './oauth.options.js';
import { CallbackForm, ExchangeCodeBody, SignInWithIdTokenBody } from './oauth.input.js';
import { signInWithIdToken } from './sign-in-with-id-token.flow.js';

export const oauth: Feature = {
  name: 'oauth',
  offers: [
    offer(contract.authorize, authorize),
    offer(callbackContract.callback, callback),
    offer(callbackContract.callbackByForm, callbackByForm, CallbackForm),
    offer(contract.signInWithIdToken, signInWithIdToken, SignInWithIdTokenBody),
    offer(contract.exchangeCode, exchangeCode, ExchangeCodeBody),
  ],
  options: oauthOptions,
};
