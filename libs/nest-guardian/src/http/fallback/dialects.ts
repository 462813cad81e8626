import { phraseOf, type Problem } from './problem.js';

export type Dialect = 'problem' | 'nest' | 'phoenix';

interface Written {
  readonly contentType: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const json = 'application/json; charset=utf-8';

/** RFC 9457. The title is the status's own phrase, because the type is `about:blank`. */
const problem = ({ status, code, detail, members }: Problem): Written => ({
  contentType: 'application/problem+json; charset=utf-8',
  body: {
    ...members,
    type: 'about:blank',
    title: phraseOf(status),
    status,
    ...(detail !== undefined && { detail: [detail].flat().join('; ') }),
    code,
  },
});

const fieldMessages = ({ code, members }: Problem): Readonly<Record<string, unknown>> | undefined =>
  code === 'validation' && typeof members.errors === 'object' && members.errors !== null
    ? (members.errors as Record<string, unknown>)
    : undefined;

/** The body of Nest's own `HttpException`. */
const nest = (read: Problem): Written => {
  const { status, code, detail, members } = read;
  const fields = fieldMessages(read);
  const { errors: _errors, ...others } = members;
  return {
    contentType: json,
    body: {
      ...(fields ? others : members),
      message: fields ? Object.values(fields).flat() : (detail ?? phraseOf(status)),
      error: phraseOf(status),
      statusCode: status,
      errorCode: code,
    },
  };
};

/** What Phoenix's generated `ChangesetJSON` and `ErrorJSON` write. */
const phoenix = (read: Problem): Written => ({
  contentType: json,
  body: {
    errors: fieldMessages(read) ?? {
      ...read.members,
      detail: [read.detail ?? phraseOf(read.status)].flat().join('; '),
    },
  },
});

/** How a problem is written on the application's own routes. */
export const dialects: Readonly<Record<Dialect, (read: Problem) => Written>> = { problem, nest, phoenix };
