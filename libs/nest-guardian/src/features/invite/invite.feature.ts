import { delegated, type Feature } from '../feature.js';
import { invite as inviteOperation } from './invite.contract.js';
import { InviteBody } from './invite.input.js';

export const invite: Feature = {
  name: 'invite',
  offers: [delegated(inviteOperation, InviteBody)],
  options: {},
};
