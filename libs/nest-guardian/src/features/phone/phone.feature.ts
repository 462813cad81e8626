import type { Feature } from '../feature.js';
import { phoneOptions } from './phone.options.js';

export const phone: Feature = { name: 'phone', offers: [], options: phoneOptions };
