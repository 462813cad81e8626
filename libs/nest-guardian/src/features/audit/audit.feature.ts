import type { Feature } from '../feature.js';
import { auditOptions } from './audit.options.js';

export const audit: Feature = { name: 'audit', offers: [], options: auditOptions };
