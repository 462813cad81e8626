import { conditions } from '../../core/condition.js';
import { operation } from '../../core/operation.js';

/** Codes and words are GoTrue's (contract 2.21). */
export const scimConditions = conditions({
  scimDisabled: { code: 'feature_disabled', status: 404, message: 'SCIM server is disabled' },
});

const open = { method: 'GET', access: 'anyone', off: scimConditions.scimDisabled } as const;

/** RFC 7644 4: what the server can do. */
export const getScimConfiguration = operation<Record<never, never>, object>()({
  name: 'getScimConfiguration',
  path: '/scim/v2/ServiceProviderConfig',
  ...open,
});

/** RFC 7644 4: what kinds of things it keeps. */
export const getScimResourceTypes = operation<Record<never, never>, object>()({
  name: 'getScimResourceTypes',
  path: '/scim/v2/ResourceTypes',
  ...open,
});

/** RFC 7644 4: what they look like. */
export const getScimSchemas = operation<Record<never, never>, object>()({
  name: 'getScimSchemas',
  path: '/scim/v2/Schemas',
  ...open,
});
