import type { Feature } from '../feature.js';
import { siteOptions } from './site.options.js';

export const site: Feature = { name: 'site', offers: [], options: siteOptions };
