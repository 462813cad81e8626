import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { allLaws } from 'nest-guardian/testing';
import { differences } from './differences.js';
import { hold } from './hold.js';
import { realSubjects } from './real-gotrue.js';

hold(realSubjects);

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
