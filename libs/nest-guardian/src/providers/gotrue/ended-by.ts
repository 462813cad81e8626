import type { assuranceChanged, sessionsEnded } from '../../core/event.js';
import type { InputOf, Operation } from '../../core/operation.js';
import type { Principal } from '../../core/principal.js';
import { unenrollFactor, verifyFactor } from '../../features/mfa/mfa.contract.js';
import { verifyRecoveryCode } from '../../features/mfa/recovery-codes.contract.js';
import { endOtherSessions, endSession } from '../../features/session/own-sessions.contract.js';
import { type SignOutInput, signOut } from '../../features/session/session.contract.js';
import { type UpdateUserInput, updateUser } from '../../features/user/user.contract.js';
import { parseJws } from '../../tokens/jws.js';
import { toPrincipal } from '../../tokens/principal.js';
import { parseStrictObject } from '../../tokens/strict-json.js';

type Ended = NonNullable<(typeof sessionsEnded)['types']>;

/** Which sessions the server has just ended for the bearer, so that our own process forgets their tokens. */
export function endedBy<I, O>(operation: Operation<I, O>, input: I, bearer: string | null): Ended | null {
  const scope = scopeOf(operation, input);
  const principal = bearer !== null && scope !== null ? whoIs(bearer) : null;
  if (principal === null || scope === null) return null;
  const { id: userId, sessionId } = principal;
  if (typeof scope === 'object') return { userId, sessionIds: [scope.session_id.toLowerCase()] };
  // GoTrue: a token without a session can only mean all of them.
  if (scope === 'local' && sessionId !== null) return { userId, sessionIds: [sessionId] };
  return { userId, sessionIds: 'all', except: scope === 'others' ? (sessionId ?? undefined) : undefined };
}

/** What a sign-out would have to say to end the same; null for what ends nothing. */
function scopeOf<I, O>({ name }: Operation<I, O>, input: I): string | InputOf<typeof endSession> | null {
  if (name === signOut.name) return (input as SignOutInput).scope ?? 'global';
  if (name === endSession.name) return input as InputOf<typeof endSession>;
  const isNewPassword = name === updateUser.name && (input as UpdateUserInput).password !== undefined;
  return isNewPassword || name === endOtherSessions.name ? 'others' : null;
}

const changing: readonly string[] = [verifyFactor, unenrollFactor, verifyRecoveryCode].map(
  ({ name }) => name,
);

/** Whose sessions have more or less assurance by now than their tokens, as far as we remember them, say. */
export function assuranceChangedBy(
  { name }: Pick<Operation, 'name'>,
  bearer: string | null,
): NonNullable<(typeof assuranceChanged)['types']> | null {
  const principal = bearer !== null && changing.includes(name) ? whoIs(bearer) : null;
  return principal && { userId: principal.id };
}

/** The server has just accepted this token, so its signature is not asked about again. */
function whoIs(bearer: string): Principal | null {
  try {
    const claims = parseStrictObject(parseJws(bearer).payload);
    return claims === null ? null : toPrincipal(claims);
  } catch {
    // A token that our verifier would not read was never remembered, so there is nothing to forget.
    return null;
  }
}
