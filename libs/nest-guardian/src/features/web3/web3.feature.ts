import { asItIs, delegated, type Feature } from '../feature.js';
import { signInWithWeb3 } from './web3.contract.js';

export const web3: Feature = {
  name: 'web3',
  offers: [delegated(signInWithWeb3, asItIs)],
  options: {},
};
