import { deny } from '../../core/auth-error.js';
import { goDurationOf } from '../../core/variable-text.js';
import { adminUserConditions } from './admin-users.contract.js';

/** Until when; null for no ban, which ends one; undefined where nothing is said. @throws banDurationInvalid */
export function readBan(text = '', now: Date): Date | null | undefined {
  if (text === '') return undefined;
  if (text === 'none') return null;
  const span = goDurationOf(text);
  if (span === null)
    deny(adminUserConditions.banDurationInvalid, { value: JSON.stringify(text.slice(0, 100)) });
  return span === 0 ? null : new Date(now.getTime() + span);
}
