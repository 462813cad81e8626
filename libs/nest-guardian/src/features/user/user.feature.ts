import { type Feature, offer } from '../feature.js';
import { getUser as getUserFlow } from './get-user.flow.js';
import { updateUser as updateUserFlow } from './update-user.flow.js';
import { getUser, updateUser } from './user.contract.js';
import { UpdateUserBody } from './user.input.js';
import { userOptions } from './user.options.js';

export const user: Feature = {
  name: 'user',
  offers: [offer(getUser, getUserFlow), offer(updateUser, updateUserFlow, UpdateUserBody)],
  options: userOptions,
};
