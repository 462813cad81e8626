import { delegated, type Feature } from '../feature.js';
import { recover } from './recovery.contract.js';
import { RecoverBody } from './recovery.input.js';

export const recovery: Feature = {
  name: 'recovery',
  offers: [delegated(recover, RecoverBody)],
  options: {},
};
