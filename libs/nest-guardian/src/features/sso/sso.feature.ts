import { asItIs, delegated, type Feature } from '../feature.js';
import { consumeSamlAssertion, getSamlMetadata, signInWithSso } from './sso.contract.js';

export const sso: Feature = {
  name: 'sso',
  offers: [
    delegated(signInWithSso, asItIs),
    delegated(getSamlMetadata),
    delegated(consumeSamlAssertion, asItIs),
  ],
  options: {},
};
