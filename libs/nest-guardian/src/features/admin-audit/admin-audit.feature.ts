import { type Feature, offer } from '../feature.js';
import { listAuditEntries } from './admin-audit.contract.js';
import { listAuditEntries as listFlow } from './list-audit-entries.flow.js';

export const adminAudit: Feature = {
  name: 'adminAudit',
  offers: [offer(listAuditEntries, listFlow)],
  options: {},
};
