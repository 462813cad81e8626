import { type Feature, offer } from '../feature.js';
import { createUser, deleteUser, getUserById, listUsers, updateUserById } from './admin-users.contract.js';
import { AdminUserBody, CreateUserBody, DeleteUserBody } from './admin-users.input.js';
import { createUser as createUserFlow } from './create-user.flow.js';
import { deleteUser as deleteUserFlow } from './delete-user.flow.js';
import { getUserById as getUserByIdFlow } from './get-user-by-id.flow.js';
import { listUsers as listUsersFlow } from './list-users.flow.js';
import { updateUserById as updateUserByIdFlow } from './update-user-by-id.flow.js';

export const adminUsers: Feature = {
  name: 'adminUsers',
  offers: [
    offer(listUsers, listUsersFlow),
    offer(createUser, createUserFlow, CreateUserBody),
    offer(getUserById, getUserByIdFlow),
    offer(updateUserById, updateUserByIdFlow, AdminUserBody),
    offer(deleteUser, deleteUserFlow, DeleteUserBody),
  ],
  options: {},
};
