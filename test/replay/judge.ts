import { differences, type Difference } from './differences.js';
import { laterFeatures } from './later-features.js';
import type { Played } from './play.js';

export interface Verdict {
  readonly step: string;
  /** Faults that nothing excuses. */
  readonly faults: readonly string[];
}

const about = (recording: string, step: string) => (one: { recording: string; step: string }) =>
  one.recording === recording && one.step === step;

/** A fault of every step that neither passes nor stands in a list, and of every listed one that does pass. */
export const judge = (recording: string, played: readonly Played[]): readonly Verdict[] =>
  played.map(({ step, faults }) => {
    const later = laterFeatures.find(about(recording, step));
    if (later === undefined) return { step, faults: withoutKnown(recording, { step, faults }) };
    const isDone = faults.length === 0;
    return { step, faults: isDone ? [`passes, so it leaves laterFeatures (${later.feature})`] : [] };
  });

/** The faults that no listed difference explains, and a new one for each listed difference that is gone. */
function withoutKnown(recording: string, { step, faults }: Played): readonly string[] {
  const known = differences.filter(about(recording, step)).flatMap(({ paths }: Difference) => paths);
  const gone = known.filter((path) => !faults.some((fault) => fault.startsWith(`${path} `)));
  return [
    ...faults.filter((fault) => !known.some((path) => fault.startsWith(`${path} `))),
    ...gone.map((path) => `${path} is as recorded, so it leaves the known differences`),
  ];
}
