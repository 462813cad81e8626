import { conditions } from '../../core/condition.js';
import { operation } from '../../core/operation.js';
import { isSessionBody, type CaptchaMembers, type SessionBody } from '../../wire/session.js';

/** What can go wrong with a wallet. Codes and words are GoTrue's (contract 2.4). */
export const web3Conditions = conditions({
  web3Disabled: { code: 'web3_provider_disabled', status: 422, message: 'Web3 provider is disabled' },
});

export interface SignInWithWeb3Input extends CaptchaMembers {
  readonly chain?: string;
  readonly message?: string;
  readonly signature?: string;
}

/** Opens a session for the wallet that signed the message. */
export const signInWithWeb3 = operation<SignInWithWeb3Input, SessionBody>()({
  name: 'signInWithWeb3',
  method: 'POST',
  path: '/token',
  joins: 'web3',
  fixed: { grant_type: 'web3' },
  access: 'anyone',
  fits: isSessionBody,
  off: web3Conditions.web3Disabled,
});
