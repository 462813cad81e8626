import { type Feature, offer } from '../feature.js';
import { invite as inviteOperation } from './invite.contract.js';
import { invite as inviteFlow } from './invite.flow.js';
import { InviteBody } from './invite.input.js';

export const invite: Feature = {
  name: 'invite',
  offers: [offer(inviteOperation, inviteFlow, InviteBody)],
  options: {},
};
