import type { Feature } from '../feature.js';
import { linksOptions } from './links.options.js';

export const links: Feature = { name: 'links', offers: [], options: linksOptions };
