import { type Feature, offer } from '../feature.js';
import { getHealth, getJwks, getSettings } from './settings.contract.js';
import * as flows from './settings.flow.js';

export const settings: Feature = {
  name: 'settings',
  offers: [
    offer(getSettings, flows.getSettings),
    offer(getHealth, flows.getHealth),
    offer(getJwks, flows.getJwks),
  ],
  options: {},
};
