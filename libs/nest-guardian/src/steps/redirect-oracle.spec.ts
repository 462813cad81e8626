import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { systemCaller } from '../core/caller.js';
import { redirectTarget } from './redirect-target.js';

const site = 'https://site.test';
const allowedRedirects = [
  'https://app.example.com/cb',
  'https://*.example.org/in/*',
  'https://**.example.net/**',
  'http://localhost:*/**',
  'myapp://callback',
];

/** The same list once more, as somebody says it who looks only at what `new URL()` found. */
const isAllowed = ({ protocol, hostname, port, pathname, search, hash }: URL): boolean => {
  const isBare = search === '' && hash === '';
  const at = `${protocol}//${hostname}`;
  return (
    (at === 'https://site.test' && port === '' && hash === '') ||
    (at === 'https://app.example.com' && port === '' && pathname === '/cb' && isBare) ||
    (/^https:\/\/[^.]*\.example\.org$/.test(at) &&
      port === '' &&
      /^\/in\/[^/.]*$/.test(pathname) &&
      isBare) ||
    (/^https:\/\/.*\.example\.net$/.test(at) && port === '' && isBare) ||
    (at === 'http://localhost' && isBare) ||
    (at === 'myapp://callback' && pathname === '' && isBare)
  );
};

const isOnThisMachine = ({ protocol, hostname, hash }: URL): boolean =>
  /^https?:$/.test(protocol) && /^(127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname) && hash === '';

const seeds = (
  'https://app.example.com/cb https://x.example.org/in/a https://a.b.example.net/a/b https://site.test ' +
  'http://localhost:3000/a/b myapp://callback https://site.test/a?b=c http://127.0.0.1:8080/a ' +
  'https://evil.test/ javascript:alert(1) http://[::1]:3000/ https://user:pw@site.test/'
).split(' ');
const tricks = (
  '@ : / // \\ ? # . .. /../ /./ ; % %2f %2e %5c %25 %00 %0a \t \n \r \0 \u202e 。 ／ ＠ ⓔ ӏ é \ud800 [ ] [::1] * { | ^ ' +
  'evil.test @evil.test .evil.test https: http: blob: //evil.test :443 :80 :00443 :x example.com .example.org ' +
  'localhost 127.1 0x7f000001 2130706433 xn-- %40 & = " \' <'
)
  .split(' ')
  .concat(' ');

const trick = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...tricks) },
  { weight: 1, arbitrary: fc.string({ maxLength: 3, unit: 'binary' }) },
);
/** Where, of every length, something is put in, taken out, or put in capitals. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.constantFrom(0, 0, 0, 1, 2, 5),
  put: trick,
  isUpper: fc.boolean(),
});
const mutated = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(mutation, { maxLength: 3 }),
    fc.constantFrom('', '', '', ...seeds),
  )
  .map(([seed, mutations, tail]) =>
    mutations.reduce((text, { at, removed, put, isUpper }) => {
      const index = Math.floor(at * (text.length + 1));
      const rest = text.slice(index + removed);
      return text.slice(0, index) + put + (isUpper ? rest.toUpperCase() : rest);
    }, seed + tail),
  );

describe.each([
  ['strict', { allowsLoopback: false, redirectFromHeader: false, redirectFromReferrer: false }],
  ['compatible', { allowsLoopback: true, redirectFromHeader: true, redirectFromReferrer: true }],
])('of 100 000 mutated addresses, %s', (_, { allowsLoopback, ...options }) => {
  const places = { siteUrl: site, apiUrl: `${site}/auth/v1`, allowsLoopback };
  const settings = { site: { allowedRedirects, ...options } };

  it('what is let through leads where it says, and is on the list', () => {
    let accepted = 0;
    const judge = (text: string) => {
      const caller = { ...systemCaller, redirectTo: text, redirectHeader: text, referrer: text };
      const target = redirectTarget(undefined, { caller, places, settings });
      if (target === site) return;
      accepted += 1;
      const url = new URL(target);
      // As a browser that follows a redirect of ours would read it.
      if (new URL(target, 'https://api.test/auth/v1/verify').href !== url.href) throw new Error('not whole');
      if (![target, target.replace(/^(https?:\/\/[^/?]+)/, '$1/')].includes(url.href))
        throw new Error(`not canonical: ${target}`);
      if (url.username !== '' || url.password !== '') throw new Error(`with a user: ${target}`);
      if (!isAllowed(url) && !(allowsLoopback && isOnThisMachine(url)))
        throw new Error(`not on the list: ${target}`);
    };
    fc.assert(fc.property(mutated, judge), { numRuns: 100_000, seed: 20_260_820 });
    // Otherwise nothing would have been shown.
    expect(accepted).toBeGreaterThan(2_000);
  }, 60_000);
});
