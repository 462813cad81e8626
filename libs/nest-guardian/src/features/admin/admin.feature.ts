import type { Feature } from '../feature.js';
import { adminOptions } from './admin.options.js';

export const admin: Feature = { name: 'admin', offers: [], options: adminOptions };
