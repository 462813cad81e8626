import type { Condition } from '../../libs/nest-guardian/src/core/condition.js';
import type { Operation } from '../../libs/nest-guardian/src/core/operation.js';
import type { Declarations, Declared, MemberEntry, OptionEntry } from './declarations.js';
import { code, defaultOf, mustBe, page, section, table } from './markdown.js';
import { environment } from './print-environment.js';
import { errorsByTransport } from './print-transports.js';

/** The printed documents, by their paths from the root. */
export const printDocuments = (declared: Declarations): ReadonlyMap<string, string> =>
  new Map([
    ['docs/errors.md', errors(declared)],
    ['docs/routes.md', routes(declared)],
    ['docs/options.md', options(declared)],
    ['docs/environment.md', environment(declared)],
    ['docs/events.md', events(declared)],
  ]);

/** `features/password/password.contract.ts` is of `password`, `core/conditions.ts` of `core`. */
const homeOf = (path: string): string => {
  const [folder, inner] = path.split('/');
  return folder === 'features' ? (inner as string) : (folder as string);
};

const sections = <T>(declared: readonly Declared<T>[], body: (ones: Declared<T>[]) => string): string[] =>
  [...new Set(declared.map(({ path }) => homeOf(path)))].map((home) =>
    section(home, body(declared.filter(({ path }) => homeOf(path) === home))),
  );

const errors = ({ conditions }: Declarations): string =>
  page(
    'Errors',
    `Everything that can go wrong. \`code\` is what a client matches on. *Status* is sent under the module's own prefix, as GoTrue does; *application status* on your own routes. How GraphQL, sockets and messages are told is [at the end](#by-transport).`,
    ...sections(conditions, (ones) =>
      table(
        ['Condition', 'Code', 'Status', 'Application status', 'Message'],
        ones.flatMap(({ value }) => Object.values(value).map(errorRow)),
      ),
    ),
    errorsByTransport(conditions),
  );

const errorRow = (condition: Condition): string[] => [
  code(condition.name),
  code(condition.code),
  String(condition.status),
  String(condition.applicationStatus),
  messageOf(condition),
];

/** Words that carry a value are printed with the name of that value. */
function messageOf({ message }: Condition): string {
  if (typeof message === 'string') return message;
  const value = /^\(?\s*([A-Za-z]\w*)/.exec(message.toString())?.[1] ?? 'value';
  return message(`{${value}}`);
}

const routes = ({ operations }: Declarations): string =>
  page(
    'Routes',
    'Below the prefix, which is `/auth/v1` unless you choose another. *Access* says who may ask: `anyone`; a signed-in `user`; a `member`, who is a user and not anonymous; an `admin`.',
    table(
      ['Method', 'Path', 'Operation', 'Access', 'What it does'],
      operations
        .toSorted((a, b) => (routeOf(a.value) < routeOf(b.value) ? -1 : 1))
        .map(({ value, says }) => [
          value.method,
          code(pathOf(value)),
          code(value.name),
          code(value.access),
          says,
        ]),
    ),
  );

const pathOf = ({ path, fixed = {} }: Operation): string => {
  const query = Object.entries(fixed).map(([name, value]) => `${name}=${value}`);
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
};

/** What tells one route from another: where several operations share a path, the key is a part of it. */
export const routeOf = (operation: Operation): string =>
  `${pathOf(operation)} ${operation.method} ${operation.joins ?? ''}`.trim();

const options = ({ options: shapes, interfaces }: Declarations): string =>
  page(
    'Options',
    'What can be set, and what holds when it is not. Where GoTrue has a variable for it, `optionsFromEnvironment()` reads that.',
    ...shapes.map(({ name, says, value }) =>
      section(
        name.replace(/Options$/, ''),
        says,
        table(['Option', 'Default', 'Must be', 'Variable', 'What it says'], value.map(optionRow)),
      ),
    ),
    ...interfaces.map(({ name, says, value }) =>
      section(name, says, table(['Option', 'Type', 'Default', 'What it says'], value.map(memberRow))),
    ),
  );

const memberRow = (one: MemberEntry): string[] => [code(one.name), code(one.type), one.byDefault, one.says];

const optionRow = ({ name, option, says }: OptionEntry): string[] => [
  code(name),
  code(defaultOf(option)),
  mustBe(option),
  code(option.env ?? ''),
  says,
];

const events = ({ events: declared }: Declarations): string =>
  page(
    'Events',
    'What is told after it happened, to whoever listens. No event carries a secret, and no listener can fail the request.',
    ...sections(declared, (ones) =>
      table(
        ['Event', 'Carries', 'What happened'],
        ones.map(({ name, value, says }) => [code(name), code(value), says]),
      ),
    ),
  );
