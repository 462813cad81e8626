import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { Principal } from '../core/principal.js';

/** @throws anonymousNotAllowed */
export function requireNotAnonymous({ isAnonymous }: Principal): void {
  if (isAnonymous) deny(common.anonymousNotAllowed);
}

/** Refuses a token that stands for a machine or an operator, such as a service-role key. @throws insufficientRole */
export function requirePerson({ id, role }: Principal, adminRoles: readonly string[]): void {
  if (id === '' || adminRoles.includes(role)) deny(common.insufficientRole);
}
