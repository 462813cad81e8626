import type { sessionsEnded } from '../../core/event.js';
import type { Operation } from '../../core/operation.js';
import type { Principal } from '../../core/principal.js';
import { type SignOutInput, signOut } from '../../features/session/session.contract.js';
import { type UpdateUserInput, updateUser } from '../../features/user/user.contract.js';
import { parseJws } from '../../tokens/jws.js';
import { toPrincipal } from '../../tokens/principal.js';
import { parseStrictObject } from '../../tokens/strict-json.js';

type Ended = NonNullable<(typeof sessionsEnded)['types']>;

/** Which sessions the server has just ended for the bearer, so that our own process forgets their tokens. */
export function endedBy<I, O>(operation: Operation<I, O>, input: I, bearer: string | null): Ended | null {
  const isSignOut = operation.name === signOut.name;
  const isNewPassword =
    operation.name === updateUser.name && (input as UpdateUserInput).password !== undefined;
  const principal = bearer !== null && (isSignOut || isNewPassword) ? whoIs(bearer) : null;
  if (principal === null) return null;
  const { id: userId, sessionId } = principal;
  const scope = isNewPassword ? 'others' : (input as SignOutInput).scope;
  // GoTrue: a token without a session can only mean all of them.
  if (scope === 'local' && sessionId !== null) return { userId, sessionIds: [sessionId] };
  return { userId, sessionIds: 'all', except: scope === 'others' ? (sessionId ?? undefined) : undefined };
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
