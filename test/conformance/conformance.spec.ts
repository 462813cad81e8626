import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { allLaws, holdToLaws } from 'nest-guardian/testing';
import { differences } from './differences.js';
import { realSubjects } from './real-gotrue.js';
import { ourSubjects } from './subjects.js';

for (const subject of [...ourSubjects, ...realSubjects]) {
  holdToLaws(subject, { suites: allLaws, differences }, { describe, it, afterAll });
}

if (!process.env.TEST_POSTGRES_URL) it.skip('local on PostgreSQL (no TEST_POSTGRES_URL)', () => undefined);

describe('the list of known differences', () => {
  const names = allLaws.flatMap(({ laws }) => laws.map(({ name }) => name));

  it('names laws that there are', () => {
    for (const { law } of differences) expect(names).toContain(law);
  });

  it('is told to people with the same reasons', () => {
    const page = readFileSync(fileURLToPath(new URL('../../docs/differences.md', import.meta.url)), 'utf8');
    for (const { reason } of differences) expect(page.toLowerCase()).toContain(reason.toLowerCase());
  });

  it('concerns laws that can be told apart by name', () => {
    expect(new Set(names).size).toBe(names.length);
  });
});
