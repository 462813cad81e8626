import { delegatedBehindBearer, type Feature } from '../feature.js';
import { linkIdentity, unlinkIdentity } from './identities.contract.js';

export const identities: Feature = {
  name: 'identities',
  offers: [delegatedBehindBearer(linkIdentity), delegatedBehindBearer(unlinkIdentity)],
  options: {},
};
