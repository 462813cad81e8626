import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../core/caller.js';
import { readBearer } from '../wire/bearer.js';
import { stateCookiesOf } from '../wire/state-cookie.js';

/** How far `X-Forwarded-For` is believed: the number of proxies in front that we run ourselves. */
export interface CallerOptions {
  readonly trustedProxies: number;
}

/** Reads once who is asking. What cannot be read is null, never guessed. */
export function readCaller(request: IncomingMessage, query: URLSearchParams, options: CallerOptions): Caller {
  const bearer = readBearer(request);
  const header = (name: string) => firstOf(request.headers[name]);
  return {
    address: addressOf(request, options.trustedProxies),
    userAgent: header('user-agent')?.slice(0, 1024) ?? null,
    bearer: bearer.kind === 'one' ? bearer.token : null,
    redirectTo: query.get('redirect_to'),
    redirectHeader: header('redirect_to') ?? null,
    referrer: header('referer') ?? null,
    cookies: stateCookiesOf(request.headers.cookie),
    audience: header('x-jwt-aud') ?? null,
    isSystem: false,
    isAtThisMachine: isAtThisMachine(request),
  };
}

const loopback = /^(::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/;
const ourHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** What proxies add. */
const forwarding = /^(x-forwarded-.*|x-real-ip|x-client-ip|true-client-ip|cf-.*|cdn-loop|forwarded|via)$/;

/**
 * A page elsewhere can make a browser on this machine ask us, under a name of its own that leads here (DNS rebinding);
 * and a proxy on this machine asks for people who are somewhere else. nginx, left to itself, adds nothing and names us
 * as the host, but speaks HTTP/1.0, which no browser does.
 */
function isAtThisMachine({ socket, headers, httpVersion }: IncomingMessage): boolean {
  if (!loopback.test(socket.remoteAddress ?? '') || httpVersion === '1.0') return false;
  const isForwarded = Object.keys(headers).some((name) => forwarding.test(name));
  return !isForwarded && ourHost.test(headers.host ?? '');
}

const firstOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];

/** Counts back from the right: what stands further left was written by somebody we do not run. */
function addressOf(request: IncomingMessage, trustedProxies: number): string | null {
  const socket = request.socket.remoteAddress ?? null;
  const hops = trustedProxies === 0 ? [] : [request.headers['x-forwarded-for']].flat().join(',').split(',');
  const claimed = hops.map((hop) => hop.trim()).at(-Math.min(trustedProxies, hops.length)) ?? '';
  const address = isIP(claimed) === 0 ? socket : claimed;
  // An IPv4 client on a dual-stack socket.
  return address?.replace(/^::ffff:(?=\d+\.)/, '') ?? null;
}
