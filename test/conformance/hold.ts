import { afterAll, describe, it } from '@jest/globals';
import { allLaws, holdToLaws, type Subject } from 'nest-guardian/testing';
import { differences } from './differences.js';

/** Holds these servers to every law. A spec of its own for each kind, so that they are held side by side. */
export function hold(subjects: readonly Subject[]): void {
  for (const subject of subjects) {
    holdToLaws(subject, { suites: allLaws, differences }, { describe, it, afterAll });
  }
}
