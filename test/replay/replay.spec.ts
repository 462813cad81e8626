import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { differences } from './differences.js';
import { judge, type Verdict } from './judge.js';
import { laterFeatures } from './later-features.js';
import { play } from './play.js';
import { readRecordings } from './recording.js';
import { issuer, Servers } from './servers.js';

const committed = fileURLToPath(new URL('progress.json', import.meta.url));

/** Recordings of which every step passes or stands in a list with its reason. */
const whole = [
  'password',
  'refresh v1',
  'refresh v2',
  'anonymous',
  'closed',
  'public facts',
  'sign-up refusals',
  'confirm sign-up by link',
  'confirm sign-up by code',
  'magic link',
  'recover',
  'generate link',
  'totp',
  'admin users',
  'social sign-in',
  'social sign-in with PKCE',
  'social refusals',
  'linking identities',
  'id token',
];

const recordings = readRecordings();
const verdicts = new Map<string, readonly Verdict[]>();
let servers: Servers;

beforeAll(async () => {
  servers = await Servers.open();
  for (const recording of recordings) {
    const { clock, mailer, idp } = servers;
    const stage = { base: await servers.base(recording.config), issuer, clock, mailer, idp };
    verdicts.set(recording.scenario, judge(recording.scenario, await play(recording, stage)));
  }
}, 180_000);
afterAll(() => servers.close());

describe('an exchange with a real GoTrue server', () => {
  describe.each(whole)('%s', (scenario) => {
    const { steps = [] } = recordings.find((recording) => recording.scenario === scenario) ?? {};

    it.each(steps.map(({ step }) => step))('%s: is answered as it was there', (step) => {
      const verdict = verdicts.get(scenario)?.find((one) => one.step === step);
      expect(verdict).toEqual({ step, faults: [] });
    });
  });

  it('is answered alike in as many steps of each recording as is written down, no fewer and no more', () => {
    const progress = Object.fromEntries(
      [...verdicts].map(([scenario, steps]) => [scenario, count(scenario, steps)]),
    );
    if (process.env.MISSES) process.stdout.write(`${JSON.stringify([...verdicts], null, 1)}\n`);
    process.stdout.write(`${Object.entries(progress).map(line).join('\n')}\n`);
    if (process.env.PRINT) writeFileSync(committed, `${JSON.stringify(progress, null, 2)}\n`);
    expect(progress).toEqual(JSON.parse(readFileSync(committed, 'utf8')));
  });
});

describe('the lists of what differs', () => {
  it('name steps that there are', () => {
    for (const { recording, step } of [...differences, ...laterFeatures]) {
      const { steps = [] } = recordings.find(({ scenario }) => scenario === recording) ?? {};
      expect(steps.map((one) => one.step)).toContain(step);
    }
  });

  it('are told to people with the same reasons', () => {
    const page = readFileSync(fileURLToPath(new URL('../../docs/differences.md', import.meta.url)), 'utf8');
    for (const { reason } of differences) expect(page.toLowerCase()).toContain(reason.toLowerCase());
  });
});

interface Count {
  readonly steps: number;
  readonly passed: number;
  readonly missed: number;
}

function count(scenario: string, steps: readonly Verdict[]): Count {
  const later = laterFeatures.filter(({ recording }) => recording === scenario).map(({ step }) => step);
  const passed = steps.filter(({ step, faults }) => faults.length === 0 && !later.includes(step)).length;
  return { steps: steps.length, passed, missed: steps.length - passed };
}

const line = ([scenario, { steps, passed, missed }]: [string, Count]): string =>
  `${scenario}: ${steps} steps, ${passed} passed, ${missed} missed`;
