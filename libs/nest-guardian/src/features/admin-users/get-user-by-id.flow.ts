import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { userBody } from '../../wire/user.js';
import type { AudienceNeeds } from '../admin/admin-audience.js';
import { requireManagedUser } from '../admin/managed-user.js';
import type { getUserById as operation } from './admin-users.contract.js';

type Needs = Pick<LocalNeeds, 'users'> & AudienceNeeds;

export const getUserById: Flow<typeof operation, Needs> = async ({ user_id }, needs) =>
  userBody(await requireManagedUser(user_id, needs));
