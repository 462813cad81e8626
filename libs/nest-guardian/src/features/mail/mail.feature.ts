import type { Feature } from '../feature.js';
import { mailOptions } from './mail.options.js';

export const mail: Feature = { name: 'mail', offers: [], options: mailOptions };
