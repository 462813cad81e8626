import { AuthError } from '../core/auth-error.js';
import { common } from '../core/conditions.js';

/**
 * The server did not answer, or not with what this route answers. Always a 503: that a dependency fails is
 * never the client's mistake. The reason is for the log and quotes neither addresses with queries nor bodies.
 */
export const unavailable = (reason: string, cause?: unknown): AuthError =>
  new AuthError(common.providerUnavailable, { cause: new Error(reason, { cause }) });
