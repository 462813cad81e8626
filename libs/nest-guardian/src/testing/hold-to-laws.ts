import { Api } from './api.js';
import type { Bench, Configuration, Conformance, KnownDifference, Law, Subject } from './conformance.js';

/** What a test runner has to offer: Jest's, Vitest's and `node:test`'s do. */
export interface TestRunner {
  describe(name: string, laws: () => void): void;
  it(name: string, holds: () => Promise<void>): void;
  afterAll(end: () => Promise<void>): void;
}

export interface Trial {
  readonly suites: readonly Conformance[];
  readonly differences: readonly KnownDifference[];
}

/**
 * Holds a server to the laws, one test each. A law that needs what the subject cannot do is a test that says
 * so and passes; a known difference is a test that fails once the law holds after all.
 */
export function holdToLaws(subject: Subject, { suites, differences }: Trial, runner: TestRunner): void {
  const benches = new Map<Configuration, Promise<Bench>>();
  const open = (configuration: Configuration): Promise<Bench> => {
    const bench = benches.get(configuration) ?? subject.open(configuration);
    benches.set(configuration, bench);
    return bench;
  };
  const tryOut = async ({ under = 'open', holds }: Law): Promise<void> => {
    const bench = await open(under);
    await holds(new Api(bench.base), bench);
  };
  runner.describe(subject.name, () => {
    runner.afterAll(() => subject.close());
    for (const { feature, laws } of suites) {
      runner.describe(feature, () => {
        for (const law of laws) declare(law, { subject, differences, tryOut }, runner);
      });
    }
  });
}

interface Court {
  readonly subject: Subject;
  readonly differences: readonly KnownDifference[];
  readonly tryOut: (law: Law) => Promise<void>;
}

function declare(law: Law, { subject, differences, tryOut }: Court, { it }: TestRunner): void {
  const missing = missingFor(law, subject);
  const known = differences.find((one) => one.law === law.name && one.subjects.includes(subject.name));
  if (missing !== null) it(`${law.name} (not tried: ${missing})`, async () => undefined);
  else if (known === undefined) it(law.name, () => tryOut(law));
  else it(`known difference: ${law.name} (${known.reason})`, () => requireBroken(tryOut(law)));
}

function missingFor({ under = 'open', needs = [] }: Law, subject: Subject): string | null {
  if (!subject.configurations.includes(under)) return `no such server is set up as ${under}`;
  const missing = needs.filter((ability) => !subject.can.includes(ability));
  return missing.length === 0 ? null : `cannot ${missing.join(' or ')}`;
}

async function requireBroken(trial: Promise<void>): Promise<void> {
  try {
    await trial;
  } catch (error) {
    // A law that is broken says so by an assertion; a server that is down does not count.
    if ((error as { readonly code?: unknown }).code === 'ERR_ASSERTION') return;
    throw error;
  }
  throw new Error('The law holds after all: take it off the list of known differences.');
}
