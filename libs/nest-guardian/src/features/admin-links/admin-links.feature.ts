import { type Feature, offer } from '../feature.js';
import { generateLink } from './admin-links.contract.js';
import { GenerateLinkBody } from './admin-links.input.js';
import { generateLink as generateLinkFlow } from './generate-link.flow.js';

export const adminLinks: Feature = {
  name: 'adminLinks',
  offers: [offer(generateLink, generateLinkFlow, GenerateLinkBody)],
  options: {},
};
