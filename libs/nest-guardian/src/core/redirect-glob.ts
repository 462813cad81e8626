// GoTrue: the syntax of its allow list. `*` and `?` stop at `.` and `/`, `**` goes across, `[a-z]` and `[!abc]` are one
// character, `{a,b}` is one of several texts, and a backslash takes away the meaning of what follows.

/** One step of a glob: a character of a kind, or any number of them. */
interface Step {
  readonly fits: (character: string) => boolean;
  readonly repeats: boolean;
}

export type Glob = readonly Step[];

const literal = (one: string): Step => ({ fits: (character) => character === one, repeats: false });
// A semicolon begins what some servers take out of a path before they look at it (`/cb/..;/x`), so no wildcard stands for it.
const isWithinPart = (character: string): boolean => !'./;'.includes(character);
const one: Step = { fits: isWithinPart, repeats: false };
const within: Step = { fits: isWithinPart, repeats: true };
const across: Step = { fits: (character) => character !== ';', repeats: true };

const token = /\\([^])|(\*{2,})|(\*)|(\?)|\[(!?)([^\]\\]+)\]|([^*?[\]{}\\])/y;

/** Reads a text without braces. @returns null where it cannot be read */
export function readGlob(text: string): Glob | null {
  const steps: Step[] = [];
  const reader = new RegExp(token);
  while (reader.lastIndex < text.length) {
    const found = reader.exec(text);
    if (found === null) return null;
    const [, escaped, double, single, any, not, members, plain] = found;
    if (members !== undefined) steps.push(memberOf(members, not === '!'));
    else if (double !== undefined) steps.push(across);
    else if (single !== undefined) steps.push(within);
    else if (any !== undefined) steps.push(one);
    else steps.push(literal((escaped ?? plain) as string));
  }
  return steps;
}

function memberOf(members: string, isNegated: boolean): Step {
  const ranges = [...members.matchAll(/([^])-([^])|([^])/g)].map(([, from, to, only]) => [
    (from ?? only) as string,
    (to ?? only) as string,
  ]);
  const isMember = (character: string) =>
    ranges.some(([from = '', to = '']) => character >= from && character <= to);
  return {
    fits: (character) => isWithinPart(character) && isMember(character) !== isNegated,
    repeats: false,
  };
}

/**
 * Whether the whole text fits. All ways through the glob are followed at once, so that the time is length times length
 * whatever stands in either: the text comes from anybody.
 */
export function fitsGlob(glob: Glob, text: string): boolean {
  let places = reachable(glob, [0]);
  for (const character of text) {
    const next = places
      .filter((at) => glob[at]?.fits(character))
      .map((at) => (glob[at]?.repeats ? at : at + 1));
    if (next.length === 0) return false;
    places = reachable(glob, next);
  }
  return places.includes(glob.length);
}

/** What can be stood before without reading on: a repeated step may also be there no times. */
function reachable(glob: Glob, from: readonly number[]): readonly number[] {
  const found = new Set<number>();
  for (const start of from) {
    let at = start;
    found.add(at);
    while (glob[at]?.repeats) found.add((at += 1));
  }
  return [...found];
}

/** More alternatives than this are a mistake, not an allow list. */
const mostAlternatives = 64;

const innermostBraces = /(?<!\\)\{([^{}]*)(?<!\\)\}/;

/** Every text that the braces stand for. @returns null where there are too many, or a brace without its other half */
export function expandBraces(text: string): readonly string[] | null {
  let texts = [text];
  while (texts.some((candidate) => innermostBraces.test(candidate))) {
    texts = texts.flatMap((candidate) => {
      const found = innermostBraces.exec(candidate);
      if (found === null) return [candidate];
      const [before, after] = [
        candidate.slice(0, found.index),
        candidate.slice(found.index + found[0].length),
      ];
      return (found[1] as string).split(',').map((choice) => before + choice + after);
    });
    if (texts.length > mostAlternatives) return null;
  }
  return texts;
}
