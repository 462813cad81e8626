import { randomUUID } from 'node:crypto';
import type { NewSession, NewUser } from '../../libs/nest-guardian/src/core/ports/stores.js';

/** A new user whom no other test knows. */
export function newUser(change: Partial<NewUser> = {}): NewUser {
  const id = randomUUID();
  return {
    id,
    audience: 'authenticated',
    role: 'authenticated',
    email: `${id}@example.com`,
    phone: null,
    passwordHash: '$argon2id$v=19$x',
    appMetadata: { provider: 'email', providers: ['email'] },
    userMetadata: { name: 'Row' },
    isAnonymous: false,
    at: new Date('2026-08-20T10:00:00.123Z'),
    ...change,
  };
}

export const newSession = (userId: string, change: Partial<NewSession> = {}): NewSession => ({
  id: randomUUID(),
  userId,
  at: new Date('2026-08-20T10:00:00.123Z'),
  userAgent: 'node',
  ip: '127.0.0.1',
  refreshTokenHmacKey: 'a2V5',
  method: 'password',
  ...change,
});
