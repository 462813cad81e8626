import { delegatedBehindBearer, type Feature } from '../feature.js';
import { invite as inviteOperation } from './invite.contract.js';
import { InviteBody } from './invite.input.js';

export const invite: Feature = {
  name: 'invite',
  offers: [delegatedBehindBearer(inviteOperation, InviteBody)],
  options: {},
};
