import { lookup as resolveHost, type LookupAddress, type LookupOptions } from 'node:dns';
import { request as requestByHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestByHttps } from 'node:https';
import { isIP } from 'node:net';
import { type NetworkPlace, placeOf } from './network-place.js';

const maxBytes = 1024 * 1024;
const defaultDeadline = 10_000;

export interface OutboundOptions {
  /** Addresses that the operator wrote down. Only they may lead into a network of one's own. */
  readonly ownUrls: readonly string[];
  /** Whether `http://` is taken to hosts that are not this machine. */
  readonly allowInsecure?: boolean;
  /** Milliseconds. @default 10000 */
  readonly deadline?: number;
}

/** The part of `RequestInit` that is understood here. */
export interface OutboundInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
  /** In place of the deadline, for several requests that share one. */
  readonly signal?: AbortSignal;
}

/**
 * What is asked of other people's servers. Follows no redirect, sends no cookie, and has a deadline and a size cap
 * of 1 MiB, both for the whole answer. Encrypted, but to this machine if the operator says so. Where a name leads is
 * judged when the connection is made, so that a second answer of the name's server changes nothing.
 */
export class Outbound {
  readonly #ownHosts: ReadonlySet<string>;
  readonly #allowsLoopback: boolean;
  /** The kinds of network that the operator's own addresses have led to. */
  readonly #ownPlaces = new Set<NetworkPlace>();

  constructor(private readonly options: OutboundOptions) {
    const urls = options.ownUrls.filter((url) => URL.canParse(url)).map((url) => new URL(url));
    this.#ownHosts = new Set(urls.map(hostOf));
    this.#allowsLoopback = urls.some((url) => url.protocol === 'http:' && isLoopback(url));
  }

  /** Whether any address may begin with `http://`. */
  get allowsHttp(): boolean {
    return this.#allowsLoopback || this.options.allowInsecure === true;
  }

  /** Whether this address is one that is asked at all; where it leads is known only when it is. */
  mayAsk(address: string): boolean {
    if (!URL.canParse(address)) return false;
    const url = new URL(address);
    if (url.protocol === 'https:') return true;
    const isAllowed = this.options.allowInsecure === true || (this.#allowsLoopback && isLoopback(url));
    return url.protocol === 'http:' && isAllowed;
  }

  /** A signal for several requests that share one deadline. */
  startDeadline(): AbortSignal {
    return AbortSignal.timeout(this.options.deadline ?? defaultDeadline);
  }

  /** Asks. Throws for everything that is not a whole answer; a status says nothing. */
  async fetch(address: string, init: OutboundInit = {}): Promise<Response> {
    const url = new URL(address);
    if (!this.mayAsk(address)) throw new Error('Only https:// is asked');
    if (isIP(hostOf(url)) !== 0) this.#requirePlace(hostOf(url), hostOf(url));
    const { body, method = 'GET', headers = {}, signal = this.startDeadline() } = init;
    const send = url.protocol === 'https:' ? requestByHttps : requestByHttp;
    const request = send(url, {
      method,
      // GitHub refuses whoever does not say what it is.
      headers: { 'user-agent': 'nest-guardian', ...headers, 'accept-encoding': 'identity' },
      signal,
      // A connection that was kept may be one that was judged by other rules, or that is closed just now.
      agent: false,
      lookup: (host, options, done) => this.#lookup(host, options, done),
    });
    request.end(body ?? undefined);
    const answer = await answerTo(request);
    const bytes = await readBody(answer);
    const status = answer.statusCode ?? 0;
    return new Response(bytes.length > 0 ? bytes : null, { status, headers: headersOf(answer) });
  }

  #lookup(
    host: string,
    options: LookupOptions,
    done: (error: NodeJS.ErrnoException | null, found: string | LookupAddress[], family?: number) => void,
  ): void {
    resolveHost(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, []);
      try {
        for (const { address } of addresses) this.#requirePlace(host, address);
      } catch (refused) {
        return done(refused as Error, []);
      }
      const [first] = addresses;
      return options.all === true || first === undefined
        ? done(null, addresses)
        : done(null, first.address, first.family);
    });
  }

  /** Whoever is found through the operator's server may be where that one is: on the same kind of network. */
  #requirePlace(host: string, address: string): void {
    const place = placeOf(address);
    if (this.#ownHosts.has(host)) this.#ownPlaces.add(place);
    else if (place !== 'public' && (!mayBeShared.has(place) || !this.#ownPlaces.has(place))) {
      throw new Error(`${host} leads to a ${place} address`);
    }
  }
}

const mayBeShared: ReadonlySet<NetworkPlace> = new Set(['loopback', 'private']);

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

const isLoopback = (url: URL): boolean => hostOf(url) === 'localhost' || placeOf(hostOf(url)) === 'loopback';

const answerTo = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request.once('response', resolve);
    // Stays, so that what breaks later breaks the reading of the body and not the process.
    request.on('error', reject);
  });

async function readBody(answer: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the connection.
    if (size > maxBytes) throw new Error('Answered too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf({ headers }: IncomingMessage): Headers {
  const made = new Headers();
  for (const name of ['content-type', 'www-authenticate']) {
    const value = headers[name];
    if (typeof value === 'string') made.set(name, value);
  }
  return made;
}
