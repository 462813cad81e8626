import { type Feature, offer } from '../feature.js';
import { recover as recoverFlow } from './recover.flow.js';
import { recover } from './recovery.contract.js';
import { RecoverBody } from './recovery.input.js';

export const recovery: Feature = {
  name: 'recovery',
  offers: [offer(recover, recoverFlow, RecoverBody)],
  options: {},
};
