import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import type { User } from '../../core/records.js';

/** Race: the user was deleted between the look and the write. @throws userOfTokenNotFound */
export const requireStored = (written: User | null): User => written ?? deny(common.userOfTokenNotFound);
