import { type Feature, offer } from '../feature.js';
import { linkIdentity, unlinkIdentity } from './identities.contract.js';
import { identitiesOptions } from './identities.options.js';
import { linkIdentity as linkFlow } from './link-identity.flow.js';
import { unlinkIdentity as unlinkFlow } from './unlink-identity.flow.js';

export const identities: Feature = {
  name: 'identities',
  offers: [offer(linkIdentity, linkFlow), offer(unlinkIdentity, unlinkFlow)],
  options: identitiesOptions,
};
