import type { SecretKind, SecretSlot } from '../../core/ports/one-time-secrets.js';

/** What is accepted for a type of verification (contract 2.8): where its secret is kept, and what it was sent for. */
export interface Opening {
  readonly sentBy: 'mail' | 'text';
  readonly slots: readonly SecretSlot[];
  /** GoTrue: its own form of keeping secrets knows slots only, so an invitation is also good as a sign-up. */
  readonly kinds: readonly SecretKind[];
}

const openings = {
  signup: { sentBy: 'mail', slots: ['confirmation'], kinds: ['signup'] },
  invite: { sentBy: 'mail', slots: ['confirmation'], kinds: ['invite'] },
  recovery: { sentBy: 'mail', slots: ['recovery'], kinds: ['recovery'] },
  magiclink: { sentBy: 'mail', slots: ['recovery'], kinds: ['magiclink'] },
  email: { sentBy: 'mail', slots: ['confirmation', 'recovery'], kinds: ['signup', 'magiclink'] },
  email_change: {
    sentBy: 'mail',
    slots: ['email_change_current', 'email_change_new'],
    kinds: ['email_change_current', 'email_change_new'],
  },
  sms: { sentBy: 'text', slots: ['confirmation', 'recovery'], kinds: ['sms'] },
  phone_change: { sentBy: 'text', slots: ['phone_change'], kinds: ['phone_change'] },
} as const satisfies Record<string, Opening>;

export type VerifyType = keyof typeof openings;

/** A type as it stands once it is known what `email` was sent for. */
export type ConfirmedType = Exclude<VerifyType, 'email'>;

export const isVerifyType = (type: string): type is VerifyType => Object.hasOwn(openings, type);

export const openingOf = (type: VerifyType): Opening => openings[type];
