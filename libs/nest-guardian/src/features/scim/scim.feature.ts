import { delegated, type Feature } from '../feature.js';
import { getScimConfiguration, getScimResourceTypes, getScimSchemas } from './scim.contract.js';

export const scim: Feature = {
  name: 'scim',
  offers: [delegated(getScimConfiguration), delegated(getScimResourceTypes), delegated(getScimSchemas)],
  options: {},
};
