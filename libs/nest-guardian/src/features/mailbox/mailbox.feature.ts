import { type Feature, offer } from '../feature.js';
import { listMailbox, readMailbox } from './mailbox.contract.js';
import * as flows from './mailbox.flow.js';

export const mailbox: Feature = {
  name: 'mailbox',
  offers: [offer(listMailbox, flows.listMailbox), offer(readMailbox, flows.readMailbox)],
  options: {},
};
