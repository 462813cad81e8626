import type { OptionEntry } from './declarations.js';

export const page = (title: string, intro: string, ...parts: string[]): string =>
  `${[
    `# ${title}`,
    `<!-- Printed from the declarations in the code by \`npm run print\`; edit those. -->`,
    intro,
    ...parts,
  ].join('\n\n')}\n`;

export const section = (title: string, ...parts: string[]): string =>
  [`## ${title}`, ...parts].filter((part) => part !== '').join('\n\n');

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

const cell = (text: string): string => text.replaceAll('|', '\\|');
export const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

/** A value that no option takes brings out the sentence that says what it takes. */
export const mustBe = (option: OptionEntry['option']): string => {
  const read = option.read(Symbol('nothing'));
  return 'mustBe' in read ? read.mustBe : '';
};

const units: readonly (readonly [name: string, milliseconds: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** As a developer would write it. */
export const defaultOf = ({ isDuration, default: value }: OptionEntry['option']): string =>
  isDuration ? spanOf(value as number) : JSON.stringify(value);

const spanOf = (milliseconds: number): string => {
  const [name, size] = units.find(([, unit]) => milliseconds >= unit && milliseconds % unit === 0) ?? [
    's',
    1_000,
  ];
  return `'${milliseconds / size}${name}'`;
};
