import { type Feature, offer } from '../feature.js';
import { deleteUserFactor, listUserFactors, updateUserFactor } from './admin-factors.contract.js';
import {
  deleteUserFactor as deleteFlow,
  listUserFactors as listFlow,
  updateUserFactor as updateFlow,
} from './admin-factors.flow.js';
import { UpdateUserFactorBody } from './admin-factors.input.js';

export const adminFactors: Feature = {
  name: 'adminFactors',
  offers: [
    offer(listUserFactors, listFlow),
    offer(updateUserFactor, updateFlow, UpdateUserFactorBody),
    offer(deleteUserFactor, deleteFlow),
  ],
  options: {},
};
