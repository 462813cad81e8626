import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FakePerson } from '../support/fake-idp.js';

const folder = fileURLToPath(new URL('../recordings', import.meta.url));

/** How the real server was set up; the README of the recordings says in what they differ. */
export type Configuration = 'open' | 'open-v1' | 'confirm' | 'closed' | 'open-es256' | 'social';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: string;
}

export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** An exchange, or a mail that the server sent. */
export interface Step {
  readonly step: string;
  readonly request?: RecordedRequest;
  readonly response?: RecordedResponse;
  readonly mail?: RecordedMail;
  /** Who signs in at the identity provider from here on. */
  readonly person?: FakePerson;
}

export interface RecordedMail {
  readonly to: string;
  readonly subject: string;
  readonly links: readonly string[];
}

export interface RecordedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** `exp` less `iat`, where the token has both. */
  readonly lifetime?: number;
}

export interface Recording {
  readonly scenario: string;
  readonly config: Configuration;
  readonly steps: readonly Step[];
  readonly tokens: Readonly<Record<string, RecordedToken>>;
}

interface Note {
  readonly note: string;
  readonly person?: FakePerson;
}

type Written = Omit<Recording, 'steps'> & { readonly steps: readonly (Step | Note)[] };

/**
 * Every scenario. Of notes only who signs in is kept, with the step that follows, and of steps with the same name the
 * later ones are numbered.
 */
export function readRecordings(): readonly Recording[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !name.startsWith('rows'))
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Written)
    .map((written) => ({
      ...written,
      steps: numbered(withPeople(written.steps)),
    }));
}

function withPeople(written: Written['steps']): readonly Step[] {
  let person: FakePerson | undefined;
  const steps: Step[] = [];
  for (const one of written) {
    if ('step' in one) steps.push(person === undefined ? one : { ...one, person });
    person = 'step' in one ? undefined : (one.person ?? person);
  }
  return steps;
}

function numbered(steps: readonly Step[]): readonly Step[] {
  return steps.map((step, index) => {
    const before = steps.slice(0, index).filter((earlier) => earlier.step === step.step).length;
    return before === 0 ? step : { ...step, step: `${step.step} (${before + 1})` };
  });
}
