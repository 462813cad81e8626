import type { OptionMistake } from '../core/option.js';
import { askedOn, type Requirements } from '../http/requirements.js';

type Word = keyof Requirements;

const written: Readonly<Record<Word, string>> = {
  isPublic: '@Public()',
  isOptional: '@OptionalAuth()',
  allowsAnonymous: '@AllowAnonymous()',
  roles: '@Roles(...)',
  needsLiveSession: '@LiveSession()',
  aal: '@RequireAal(...)',
  proofAge: '@FreshAuth(...)',
  allowsAal1: '@AllowAal1()',
  profile: '@UseProfile(...)',
  permissions: '@Permissions(...)',
};
const words = Object.keys(written) as Word[];

const whose = 'it asks something of people, and the profile opens it to other tokens';

/** Pairs of which each takes back what the other says, when both stand on one handler or on one class. */
const contradictions: readonly { readonly of: Word; readonly and: readonly Word[]; readonly why: string }[] =
  [
    {
      of: 'isPublic',
      and: words.filter((word) => word !== 'isPublic'),
      why: 'where anybody may come in, no token is looked at',
    },
    {
      of: 'isOptional',
      and: ['roles', 'aal', 'proofAge', 'permissions'],
      why: 'whoever has not got it could leave the token out',
    },
    { of: 'profile', and: ['aal', 'proofAge', 'allowsAnonymous', 'allowsAal1'], why: whose },
  ];

/** What decorators on one handler, or class, say against each other. */
export function contradictionsOn(target: object, path: string): OptionMistake[] {
  const asked = askedOn(target);
  const mistakes = contradictions.flatMap(({ of, and, why }) =>
    asked[of] === undefined
      ? []
      : and.filter((word) => asked[word] !== undefined).map((word) => mistakeOf(path, [of, word], why)),
  );
  if (asked.aal === 'aal2' && asked.allowsAal1) {
    mistakes.push(mistakeOf(path, ['aal', 'allowsAal1'], 'nobody can be let in without what is asked for'));
  }
  return mistakes;
}

const mistakeOf = (path: string, [one, other]: readonly [Word, Word], why: string): OptionMistake => ({
  path,
  reason: `has both ${written[one]} and ${written[other]}: ${why}`,
  remedy: 'Take one of them away',
});

/** The decorators that stand on it, as they are written. */
export const writtenOn = (target: object): string =>
  words
    .filter((word) => askedOn(target)[word] !== undefined)
    .map((word) => written[word])
    .join(' and ');
