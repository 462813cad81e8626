// How values are written in variables of the environment: as GoTrue, a Go program, reads them. Each function
// returns the value in the form that an option takes. What it cannot read it returns as it is, so that the
// option itself says what it must be.

const yes = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const no = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

export function flagOf(text: string): boolean | string {
  if (yes.includes(text)) return true;
  return no.includes(text) ? false : text;
}

export const numberOf = (text: string): number | string =>
  /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;

/** Items between commas. */
export const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** Items between colons; `\:` is a colon within an item. */
export const colonListOf = (text: string): readonly string[] =>
  text
    .split(/(?<!\\):/)
    .map((item) => item.replaceAll('\\:', ':'))
    .filter((item) => item !== '');

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const goForm = /^(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$/;

/** About 292 years: Go counts nanoseconds in 64 bits. */
const longestOfGo = 2 ** 63 / 1e6;

/** Milliseconds of `24h0m0s`, `1.5h` or `0`; null for what Go cannot read or hold. */
export function goDurationOf(text: string): number | null {
  if (text === '0') return 0;
  if (!goForm.test(text)) return null;
  const parts = [...text.matchAll(/([\d.]+)([^\d.]+)/g)];
  const spans = parts.map(([, amount, unit]) => Number(amount) * (milliseconds[unit as string] as number));
  const span = spans.reduce((sum, each) => sum + each, 0);
  return span < longestOfGo ? span : null;
}

/** `24h0m0s`, `1.5h`; a number alone counts seconds. `30d` is ours and goes through as it is. */
export function durationOf(text: string): string {
  if (/^\d+(\.\d+)?$/.test(text)) return inOurWords(Number(text) * 1_000);
  const span = goDurationOf(text);
  return span === null ? text : inOurWords(span);
}

const inOurWords = (span: number): string =>
  span % 1_000 === 0 ? `${span / 1_000}s` : `${Math.round(span)}ms`;
