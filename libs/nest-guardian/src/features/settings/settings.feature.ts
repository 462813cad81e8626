import { type Feature, offer } from '../feature.js';
import { getHealth, getJwks, getOpenidConfiguration, getSettings } from './settings.contract.js';
import * as flows from './settings.flow.js';

export const settings: Feature = {
  name: 'settings',
  offers: [
    offer(getSettings, flows.getSettings),
    offer(getHealth, flows.getHealth),
    offer(getJwks, flows.getJwks),
    offer(getOpenidConfiguration, flows.getOpenidConfiguration),
  ],
  options: {},
};
