import type { Session } from '../core/records.js';

/** A session as its owner, or an administrator, sees it. GoTrue shows none; the names are those of its table. */
export interface OpenSessionBody {
  readonly id: string;
  readonly created_at: string;
  readonly refreshed_at: string | null;
  /** When it was opened or last did something that left a trace. */
  readonly last_used_at: string;
  readonly user_agent: string | null;
  readonly ip: string | null;
  readonly aal: string;
  readonly amr: readonly { readonly method: string; readonly timestamp: number }[];
}

export const openSessionBody = (session: Session): OpenSessionBody => ({
  id: session.id,
  created_at: session.createdAt.toISOString(),
  refreshed_at: session.refreshedAt?.toISOString() ?? null,
  last_used_at: lastUsed(session).toISOString(),
  user_agent: session.userAgent,
  ip: session.ip,
  aal: session.aal,
  amr: session.amr.map(({ method, at }) => ({ method, timestamp: Math.floor(at.getTime() / 1000) })),
});

const lastUsed = ({ createdAt, refreshedAt, amr }: Session): Date =>
  [createdAt, refreshedAt ?? createdAt, ...amr.map(({ at }) => at)].reduce((a, b) => (a > b ? a : b));

/** The newest first. */
export const newestFirst = (sessions: readonly Session[]): Session[] =>
  sessions.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? -1 : 1));
