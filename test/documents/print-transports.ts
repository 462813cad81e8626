import { AuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import type { Condition } from '../../libs/nest-guardian/src/core/condition.js';
import { type Socket, socketKindOf } from '../../libs/nest-guardian/src/contexts/socket.js';
import { fail, failureStatuses } from '../../libs/nest-guardian/src/http/fallback/failure.js';
import { type Problem, readProblem } from '../../libs/nest-guardian/src/http/fallback/problem.js';
import type { Declarations } from './declarations.js';
import { code, section, table } from './markdown.js';

const intro =
  'The same failure on every transport: `code` and the application status are those of HTTP. This is what the guard says, and what `fail` knows without being told; the codes above are told likewise. A failure of your own keeps its code, its status and its members.';

const ways = table(
  ['Where', 'How the client is told'],
  [
    ['HTTP', 'the status, `WWW-Authenticate`, and a body in the dialect of the fallback'],
    [
      'GraphQL',
      "an entry of `errors` with `extensions: { code, status, ... }`; the status of the response is GraphQL's own",
    ],
    [
      'a message on a socket',
      'an `exception` event with `{ code, status, message, ... }`, and the same as the acknowledgement where one is waited for',
    ],
    [
      'a connection or subscription',
      'on `ws` and `graphql-ws` the close code, with `code` as the reason; on sockets an `exception` event before. Socket.io has no close codes and disconnects',
    ],
    ['a message of a microservice', 'the error of the answer: `{ code, status, message, ... }`'],
    [
      'an event of a microservice',
      'nobody waits: one line in the log and [`messageFailed`](events.md), with `code` and `status`',
    ],
  ],
);

/** What the guard can say lies in these folders; features have conditions of operations. */
const ofTheGuard = /^(core|steps|tokens)\//;

/** How each failure is told, by the code that tells it. */
export const errorsByTransport = (conditions: Declarations['conditions']): string => {
  const told = conditions
    .filter(({ path }) => ofTheGuard.test(path))
    .flatMap(({ value }) => Object.values(value).map(problemOf));
  const known = Object.keys(failureStatuses).map((name) => readProblem(fail(name)));
  const rows = [...told, ...known].toSorted((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1));
  const distinct = new Map(rows.map((row) => [`${row.status} ${row.code}`, rowOf(row)]));
  const head = [
    'Code',
    'HTTP status',
    '`WWW-Authenticate`',
    '`extensions`, `exception`, RPC error',
    'Close code',
  ];
  return section('By transport', intro, ways, table(head, [...distinct.values()]));
};

const problemOf = (condition: Condition): Problem => readProblem(new AuthError(condition, { value: '' }));

const rowOf = ({ code: name, status, challenge = '' }: Problem): string[] => [
  code(name),
  String(status),
  code(challenge),
  code(`{ code: '${name}', status: ${status} }`),
  String(closeCodeOf(name, status)),
];

function closeCodeOf(name: string, status: number): number {
  let closed = 0;
  const socket = { readyState: 1, close: (given: number) => (closed = given) } as unknown as Socket;
  socketKindOf(socket).close(socket, { code: name, status, message: '' });
  return closed;
}
