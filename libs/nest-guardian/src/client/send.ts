import { isStateCookie } from '../wire/state-cookie.js';
import type { OutgoingRequest } from './build-request.js';
import { unavailable } from './unavailable.js';

/** How requests are sent. */
export interface Line {
  readonly fetch: typeof fetch;
  /** Milliseconds for the whole call: tries, pauses and reading the answer. */
  readonly timeout: number;
  /** How often a read is tried again. */
  readonly retries: number;
}

/** What came back, read to its end. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | null;
  /** `Set-Cookie` lines by which a browser is known when it comes back; no others. */
  readonly cookies: readonly string[];
  /** Of an answer that is one page of many: `X-Total-Count` and `Link`. */
  readonly total: string | null;
  readonly link: string | null;
  readonly text: string;
}

const largestAnswer = 1_048_576;
const firstPause = 50;
const passing = new Set([502, 503, 504]);

/**
 * Sends the request and reads the answer within the deadline. Follows no redirect. A read is tried again when
 * the network or a gateway failed; anything else is sent once.
 * @throws providerUnavailable
 */
export async function send(
  request: OutgoingRequest,
  headers: Readonly<Record<string, string>>,
  line: Line,
): Promise<Answer> {
  const { method, body, url, label } = request;
  const signal = AbortSignal.timeout(line.timeout);
  const attempt = async (): Promise<Answer> =>
    read(await line.fetch(url, { method, body, headers, signal, redirect: 'manual' }));
  const tries = request.isRead ? line.retries + 1 : 1;
  for (let left = tries - 1; ; left -= 1) {
    const outcome = await attempt().catch((error: unknown) => ({ error }));
    const mayPass = 'error' in outcome ? !isTooLarge(outcome.error) : passing.has(outcome.status);
    if (mayPass && left > 0 && !signal.aborted) await pause(firstPause * 2 ** (tries - 1 - left), signal);
    else if ('error' in outcome) throw unavailable(`${label}: no answer that can be read`, outcome.error);
    else return outcome;
  }
}

class AnswerTooLarge extends Error {}
const isTooLarge = (error: unknown): boolean => error instanceof AnswerTooLarge;

async function read(response: Response): Promise<Answer> {
  const decoder = new TextDecoder();
  let size = 0;
  let text = '';
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest, so a huge or endless answer costs no more than this.
    if (size > largestAnswer) throw new AnswerTooLarge(`more than ${largestAnswer} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    location: response.headers.get('location'),
    cookies: response.headers.getSetCookie().filter(isStateCookie),
    total: response.headers.get('x-total-count'),
    link: response.headers.get('link'),
    text: text + decoder.decode(),
  };
}

/** Ends early with the deadline. */
const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
