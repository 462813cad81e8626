import type { LocalNeeds } from '../../steps/needs.js';
import type { SessionSettings } from './session.options.js';

/** All that a refresh touches. */
export type RefreshNeeds = Pick<
  LocalNeeds,
  'sessions' | 'audit' | 'tokens' | 'clock' | 'caller' | 'announce'
> & { readonly settings: { readonly session: SessionSettings } };
