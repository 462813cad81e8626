import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { Factor, User } from '../../core/records.js';
import { isUuid } from '../../core/uuid.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { removeFactor } from '../../steps/remove-factor.js';
import { requirePhone } from '../../steps/send-text.js';
import { factorBody } from '../../wire/user.js';
import type { AudienceNeeds } from '../admin/admin-audience.js';
import { requireManagedUser } from '../admin/managed-user.js';
import { note, type NoteNeeds } from '../admin/note.js';
import { mfaConditions } from '../mfa/mfa.contract.js';
import type * as contract from './admin-factors.contract.js';
import { adminFactorConditions } from './admin-factors.contract.js';

type ReadNeeds = Pick<LocalNeeds, 'users'> & AudienceNeeds;
type UpdateNeeds = ReadNeeds & Pick<LocalNeeds, 'factors'> & NoteNeeds;
type DeleteNeeds = UpdateNeeds & Pick<LocalNeeds, 'sessions' | 'announce'>;

export const listUserFactors: Flow<typeof contract.listUserFactors, ReadNeeds> = async (input, needs) =>
  (await requireManagedUser(input.user_id, needs)).factors.map(factorBody);

export const updateUserFactor: Flow<typeof contract.updateUserFactor, UpdateNeeds> = async (input, needs) => {
  const user = await requireManagedUser(input.user_id, needs);
  const factor = requireFactorOf(user, input.factor_id);
  const phone = input.phone && factor.factorType === 'phone' ? requirePhone(input.phone) : undefined;
  const change = { friendlyName: input.friendly_name || undefined, phone, at: needs.clock.now() };
  const changed = await needs.factors.update(user.id, factor.id, change);
  if (changed === null) deny(adminFactorConditions.userFactorTaken);
  const traits = { user_id: user.id, factor_id: factor.id, factor_type: factor.factorType };
  await note({ action: 'factor_updated', logType: 'factor', traits }, needs);
  return factorBody(changed);
};

export const deleteUserFactor: Flow<typeof contract.deleteUserFactor, DeleteNeeds> = async (input, needs) => {
  const user = await requireManagedUser(input.user_id, needs);
  const { id } = requireFactorOf(user, input.factor_id);
  // Race: somebody else has taken it away meanwhile.
  const removed = (await removeFactor({ id, userId: user.id }, needs)) ?? deny(mfaConditions.factorNotFound);
  const traits = { user_id: user.id, factor_id: id };
  // GoTrue: names the person, as if they had done it.
  await note({ action: 'factor_deleted', logType: 'factor', traits, ip: needs.caller.address }, needs);
  return factorBody(removed);
};

/** of a factor of somebody else it is said that there is none. @throws factorIdNotUuid, factorNotFound */
function requireFactorOf({ factors }: User, factorId: string): Factor {
  if (!isUuid(factorId)) deny(mfaConditions.factorIdNotUuid);
  return factors.find(({ id }) => id === factorId.toLowerCase()) ?? deny(mfaConditions.factorNotFound);
}
