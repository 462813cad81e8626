import { sessionsEnded } from '../../core/event.js';
import type { LocalNeeds } from '../../steps/needs.js';

/** Ends every session of the user at once. */
export async function endSessions(
  userId: string,
  { sessions, announce }: Pick<LocalNeeds, 'sessions' | 'announce'>,
): Promise<void> {
  await sessions.endAll(userId);
  announceEnd(userId, { announce });
}

/** Has everything that is remembered of the user's sessions forgotten. Their rows are for others to end. */
export const announceEnd = (userId: string, { announce }: Pick<LocalNeeds, 'announce'>): void =>
  announce(sessionsEnded, { userId, sessionIds: 'all' });
