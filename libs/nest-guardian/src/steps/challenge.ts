import { deny } from '../core/auth-error.js';
import { conditions } from '../core/condition.js';
import type { User } from '../core/records.js';
import type { PkceMembers } from '../wire/session.js';
import type { LocalNeeds } from './needs.js';

/** What is said of a challenge that cannot be one (contract 7). */
export const challengeConditions = conditions({
  challengeIncomplete: {
    code: 'validation_failed',
    status: 400,
    message: 'PKCE flow requires code_challenge_method and code_challenge',
  },
  challengeLength: {
    code: 'validation_failed',
    status: 400,
    message: 'code challenge has to be between 43 and 128 characters',
  },
  challengeCharacters: {
    code: 'validation_failed',
    status: 400,
    message:
      'code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes',
  },
  challengeMethod: {
    code: 'validation_failed',
    status: 400,
    message: 'Invalid code_challenge_method',
  },
  challengePlain: {
    code: 'validation_failed',
    status: 400,
    message: "code_challenge_method must be 's256'",
  },
  challengeMissing: {
    code: 'validation_failed',
    status: 400,
    message: 'Sessions are handed out only to whoever gives a code_challenge',
  },
});

/** What those who take challenges read of their settings. */
export interface ChallengeSettings {
  readonly links: { readonly allowPlainChallenge: boolean; readonly implicitFlow: boolean };
}

/** @throws challengeIncomplete, challengeLength, challengeCharacters, challengeMethod, challengePlain */
export function requireWholeChallenge(members: PkceMembers, { links }: ChallengeSettings): void {
  const { code_challenge: challenge = '', code_challenge_method: method = '' } = members;
  if ((challenge === '') !== (method === '')) deny(challengeConditions.challengeIncomplete);
  if (challenge === '') return;
  if (challenge.length < 43 || challenge.length > 128) deny(challengeConditions.challengeLength);
  if (!/^[A-Za-z0-9._~-]+$/.test(challenge)) deny(challengeConditions.challengeCharacters);
  if (!/^(s256|plain)$/i.test(method)) deny(challengeConditions.challengeMethod);
  if (!links.allowPlainChallenge && /^plain$/i.test(method)) deny(challengeConditions.challengePlain);
}

/**
 * The same, of those who ask for a link: where links carry no session to the application, it takes a challenge.
 * @throws challengeMissing, and what `requireWholeChallenge` throws
 */
export function requireLinkChallenge(members: PkceMembers, settings: ChallengeSettings): void {
  requireWholeChallenge(members, settings);
  if (!settings.links.implicitFlow && !isPkce(members)) deny(challengeConditions.challengeMissing);
}

/** Whether whoever asks is to come back with a verifier. */
export const isPkce = ({ code_challenge: challenge = '' }: PkceMembers): boolean => challenge !== '';

/** The ways that a mailed link ends with a code for a verifier, by GoTrue's names. */
export type LinkMethod = 'email/signup' | 'magiclink' | 'recovery' | 'email_change';

/** Remembers the challenge, if there is one, until the link is followed. */
export async function startFlow(
  user: User,
  { method, challenge }: { readonly method: LinkMethod; readonly challenge: PkceMembers },
  needs: Pick<LocalNeeds, 'flowStates' | 'clock'>,
): Promise<void> {
  if (!isPkce(challenge)) return;
  await needs.flowStates.start({
    userId: user.id,
    authenticationMethod: method,
    // GoTrue: a sign-up names its provider, everything else itself.
    providerType: method === 'email/signup' ? 'email' : method,
    challenge: challenge.code_challenge ?? '',
    challengeMethod: /^plain$/i.test(challenge.code_challenge_method ?? '') ? 'plain' : 's256',
    at: needs.clock.now(),
  });
}
