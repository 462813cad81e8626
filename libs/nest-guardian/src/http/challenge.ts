import type { Problem } from './fallback/problem.js';
import type { Requirements } from './requirements.js';

const wanted = new WeakMap<object, Requirements>();

/** Remembers what the request's route asks of a token, because Nest tells a filter neither handler nor class. */
export const rememberWanted = (request: object, requirements: Requirements): void =>
  void wanted.set(request, requirements);

/** RFC 6750 section 3: `error_description` is printable ASCII without quotes and backslashes. */
const isDescription = (text: unknown): text is string =>
  typeof text === 'string' && /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/.test(text);

/**
 * The `WWW-Authenticate` header of a refusal (RFC 6750 section 3). On the routes of a profile it names the profile as
 * the realm, says what was wrong with a token that was shown, and which permissions the route asks for if they are missing.
 */
export function challengeOn(request: object, { challenge, detail }: Problem): string | undefined {
  const { profile, permissions } = wanted.get(request) ?? {};
  if (challenge === undefined || profile === undefined) return challenge;
  const error = challenge.slice('Bearer '.length);
  const scope = error === 'error="insufficient_scope"' ? permissions?.all : undefined;
  return `Bearer ${[
    `realm="${profile.name}"`,
    ...(error === '' ? [] : [error]),
    ...(error !== '' && isDescription(detail) ? [`error_description="${detail}"`] : []),
    ...(scope === undefined ? [] : [`scope="${scope.join(' ')}"`]),
  ].join(', ')}`;
}
