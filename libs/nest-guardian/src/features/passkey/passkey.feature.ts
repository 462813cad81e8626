import { asItIs, delegated, type Feature } from '../feature.js';
import * as contract from './passkey.contract.js';

/** GoTrue: the switch is looked at before the bearer. */
export const passkey: Feature = {
  name: 'passkey',
  offers: [
    delegated(contract.beginPasskeySignIn, asItIs),
    delegated(contract.signInWithPasskey, asItIs),
    delegated(contract.beginPasskeyRegistration, asItIs),
    delegated(contract.registerPasskey, asItIs),
    delegated(contract.listPasskeys),
    delegated(contract.renamePasskey, asItIs),
    delegated(contract.deletePasskey),
  ],
  options: {},
};
