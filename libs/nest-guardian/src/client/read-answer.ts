import type { NextUrl, Operation, Page, Paged, Redirect } from '../core/operation.js';
import { readError } from '../wire/errors.js';
import type { Answer } from './send.js';
import { unavailable } from './unavailable.js';

/**
 * The output of the operation, from what the server said.
 * @throws what the server refused with; providerUnavailable when it failed or made no sense
 */
export function readAnswer<I, O>(operation: Operation<I, O>, answer: Answer): O {
  const { status } = answer;
  const label = `${operation.method} ${operation.path}`;
  if (status >= 400) throw readRefusal(answer, label);
  const output = outputs[operation.answers ?? 'json'](answer);
  const isWell = output !== null && (operation.fits?.(output) ?? true);
  if (!isWell) throw unavailable(`${label}: ${status} is not an answer of this route`);
  return output as O;
}

function readRefusal(answer: Answer, label: string): Error {
  const { status } = answer;
  const error = readError(status, readJson(answer));
  if (error === null) return unavailable(`${label}: ${status} without an error of GoTrue; is the URL right?`);
  return status >= 500 ? unavailable(`${label}: the server failed with ${status}`, error) : error;
}

/** Null when the answer is none of its kind. */
const outputs = {
  json: (answer: Answer) => (answer.status === 200 || answer.status === 201 ? readJson(answer) : null),
  url: (answer: Answer): NextUrl | null => {
    const { url } = (answer.status === 200 && (readJson(answer) as Partial<NextUrl> | null)) || {};
    return typeof url === 'string' ? { url, cookies: answer.cookies } : null;
  },
  nothing: ({ status }: Answer) => (status === 204 ? undefined : null),
  redirect: (answer: Answer): Redirect | Page | null => {
    const { status, location, cookies } = answer;
    const isRedirect = (status === 302 || status === 303) && location !== null;
    return isRedirect ? { location, status, cookies } : readPage(answer);
  },
  page: (answer: Answer) => readPage(answer),
  paged: (answer: Answer): Paged<object> | null => {
    const body = answer.status === 200 ? readJson(answer) : null;
    return body && { body, total: Number(answer.total ?? 0), link: answer.link ?? '' };
  },
} as const;

const readPage = ({ status, contentType, text, cookies }: Answer): Page | null =>
  status === 200 && /^text\/html\b/i.test(contentType) ? { html: text, cookies } : null;

/** An object or a list, or null for anything else: HTML of a gateway, half an answer, a bare word. */
function readJson({ contentType, text }: Answer): object | null {
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(contentType)) return null;
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' ? value : null;
  } catch {
    // The parser's message quotes the text, which may hold a token; the caller says that it made no sense.
    return null;
  }
}
