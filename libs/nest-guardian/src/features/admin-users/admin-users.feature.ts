import { type Feature, offer } from '../feature.js';
import { createUser } from './admin-users.contract.js';
import { CreateUserBody } from './admin-users.input.js';
import { createUser as createUserFlow } from './create-user.flow.js';

export const adminUsers: Feature = {
  name: 'adminUsers',
  offers: [offer(createUser, createUserFlow, CreateUserBody)],
  options: {},
};
