import { describe, expect, it } from '@jest/globals';
import { systemCaller } from '../core/caller.js';
import { redirectTarget } from './redirect-target.js';

interface World {
  readonly allowed?: readonly string[];
  readonly siteUrl?: string;
  readonly allowsLoopback?: boolean;
  readonly header?: string;
  readonly query?: string;
  readonly referrer?: string;
  readonly fromHeader?: boolean;
  readonly fromReferrer?: boolean;
}

const site = 'https://site.test';

const targetOf = (named: string | undefined, world: World = {}): string =>
  redirectTarget(named, {
    caller: {
      ...systemCaller,
      redirectTo: world.query ?? null,
      redirectHeader: world.header ?? null,
      referrer: world.referrer ?? null,
    },
    places: {
      siteUrl: world.siteUrl ?? site,
      apiUrl: 'https://site.test/auth/v1',
      allowsLoopback: world.allowsLoopback ?? false,
    },
    settings: {
      site: {
        allowedRedirects: world.allowed ?? [],
        redirectFromHeader: world.fromHeader ?? false,
        redirectFromReferrer: world.fromReferrer ?? false,
      },
    },
  });

const allowed = [
  'https://app.example.com/cb',
  'https://*.example.com/**',
  'http://localhost:*/**',
  'myapp://callback',
];
const [tab, lf, cr, nul, soh, rtl] = ['\t', '\n', '\r', '\0', '\x01', '\u202e'];

/** Row of table 3.2 of the security bar, and its inputs. */
const refused: readonly (readonly [string, ...string[]])[] = [
  ['U-01', 'https://app.example.com.evil.test/cb'],
  ['U-02', 'https://app.example.comevil.test/cb'],
  ['U-03', 'https://evil.test/https://app.example.com/cb'],
  ['U-04', 'https://evil.test/?x=https://app.example.com/'],
  ['U-05', 'https://evil.test#https://app.example.com/'],
  ['U-06', 'https://app.example.com@evil.test/'],
  ['U-07', 'https://app.example.com:443@evil.test/'],
  ['U-08', 'https://user:pw@app.example.com/cb', 'https://:@app.example.com/', 'https://@app.example.com/cb'],
  ['U-09', 'https://evil.test\\@app.example.com/'],
  ['U-10', 'https://evil.test\\.app.example.com/'],
  ['U-11', 'https:\\\\evil.test/', 'https:/evil.test/', 'https:evil.test', 'https:/app.example.com/cb'],
  ['U-12', '//evil.test/', '///evil.test/', '//app.example.com/cb'],
  ['U-13', '/\\evil.test', '\\\\evil.test/', '/%09/evil.test'],
  ['U-14', `/${tab}/evil.test`, `${tab}//evil.test`, `${tab}https://app.example.com/cb`],
  ['U-15', `ht${lf}tps://evil.test/`, `https://app.example.com${lf}.evil.test/`],
  [
    'U-16',
    `https://app.example.com/cb${cr}${lf}X: y`,
    'https://app.example.com/cb%0d%0aSet-Cookie:%20a=b',
    'https://app.example.com/cb%0D%0ASet-Cookie:%20a=b',
  ],
  ['U-17', 'https://app。example.com/', 'https://evil。test/'],
  ['U-18', 'https://ⓔvil.test/', 'https://ⓐpp.example.com/cb'],
  ['U-19', 'https://app.exampӏe.com/'],
  [
    'U-20',
    'https://app.example.com／evil.test/',
    'https://app.example.com＠evil.test/',
    'https://app.example.com%40evil.test/',
  ],
  [
    'U-21',
    'https://evil.test%2f.app.example.com/',
    'https://evil.test%23.app.example.com/',
    'https://evil.test%00.app.example.com/',
  ],
  ['U-22', 'https://app.example.com./cb'],
  ['U-23', 'https://app.example.com:8443/cb', 'http://app.example.com/cb'],
  [
    'U-25',
    'javascript:alert(1)//https://app.example.com/',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    `${soh}javascript:alert(1)`,
    ' https://app.example.com/cb',
  ],
  ['U-26', 'javascript://app.example.com/%0aalert(1)', 'javascript://app.example.com/p'],
  ['U-27', 'data:text/html,x', 'vbscript:x', 'file:///x', 'about:blank'],
  ['U-28', 'blob:https://app.example.com/uuid'],
  ['U-29', 'filesystem:https://app.example.com/x', 'view-source:https://app.example.com/cb'],
  ['U-30', 'intent://app.example.com/#Intent;scheme=https;end'],
  ['U-31', 'https://app.example.com/cb/../../evil', 'https://app.example.com/cb/%2e%2e/evil'],
  [
    'U-32',
    'https://app.example.com/cb/..%2f..%2fevil',
    'https://app.example.com/cb%2f..%2f..%2fevil',
    'https://app.example.com/cb/%252e%252e/evil',
    'https://app.example.com/cb/..%5cevil',
  ],
  ['U-33', 'https://app.example.com/cb/..;/evil', 'https://app.example.com/cb;.evil.test'],
  [
    'U-35',
    'https://app.example.com/cb?next=https://evil.test',
    'https://app.example.com/cb?redirect_to=https://evil.test',
  ],
  ['U-36', 'https://app.example.com/cb#access_token=x'],
  ['U-37', 'https://0x7f000001/', 'https://2130706433/', 'https://0177.0.0.1/', 'https://127.1/'],
  ['U-38', 'https://[::ffff:127.0.0.1]/', 'https://[::1]/', 'http://[fe80::1%25eth0]/'],
  [
    'U-39',
    'http://127.0.0.1.evil.test/',
    'http://localhost.evil.test/',
    'http://localhost@evil.test/',
    'http://localhost:3000@2130706433/p',
    'http://localhost:x@ai/p',
  ],
  ['U-40', 'https://a.b.app.example.com/'],
  ['U-42', 'myapp://callback.evil', 'myapp-evil://callback', 'myapp://evil@callback', 'MYAPP://callback'],
  ['U-43', 'null', '', 'undefined', 'about:srcdoc'],
  [
    'U-46',
    `https://app.example.com/${'a'.repeat(9_000)}`,
    `https://app.example.com/${rtl}cb`,
    `https://app.example.com/${nul}`,
  ],
  ['U-48', 'https://app.example.com/%252e', 'https://app.example.com/%25%32%65%25%32%65/evil'],
];

const rows = refused.flatMap(([id, ...inputs]) => inputs.map((input) => [id, input] as const));

describe('an address that a person could be sent to', () => {
  it.each(rows)('%s: %j is refused, and the site takes its place', (_, input) => {
    expect(targetOf(input, { allowed })).toBe(site);
    expect(targetOf(undefined, { allowed, query: input })).toBe(site);
  });

  // The second pattern lets every path of its hosts through, so the first is asked alone.
  it.each(['https://app.example.com/cbevil', 'https://app.example.com/cb.evil.test/steal'])(
    'U-34: %j is refused where only a path that it begins like is allowed',
    (input) => expect(targetOf(input, { allowed: ['https://app.example.com/cb'] })).toBe(site),
  );

  it.each([
    ['https://APP.EXAMPLE.COM/cb', 'https://app.example.com/cb'],
    ['https://app.example.com:00443/cb', 'https://app.example.com/cb'],
    ['HTTPS://app.example.com:443/cb', 'https://app.example.com/cb'],
  ])('U-24: %j is allowed, in its normal form alone', (input, output) =>
    expect(targetOf(input, { allowed })).toBe(output),
  );

  it('U-41: another name of a shared host is allowed only if the pattern says so', () => {
    expect(targetOf('https://evil-app.example.com/', { allowed })).toBe('https://evil-app.example.com/');
    const exact = { allowed: ['https://app.example.com/**'] };
    expect(targetOf('https://evil-app.example.com/', exact)).toBe(site);
  });

  it('U-45: is read from a header or the referrer only where that is switched on, and judged all the same', () => {
    const good = 'https://app.example.com/cb';
    expect(targetOf(undefined, { allowed, header: good, referrer: good })).toBe(site);
    expect(targetOf(undefined, { allowed, header: good, fromHeader: true })).toBe(good);
    expect(targetOf(undefined, { allowed, referrer: good, fromReferrer: true })).toBe(good);
    const evil = { header: 'https://evil.test/', referrer: 'https://evil.test/' };
    expect(targetOf(undefined, { allowed, ...evil, fromHeader: true, fromReferrer: true })).toBe(site);
  });

  it('is the first that is allowed, of body, header, query and referrer', () => {
    const at = (path: string) => `https://app.example.com/${path}`;
    const all = { header: at('header'), query: at('query'), referrer: at('referrer') };
    const world = { allowed, ...all, fromHeader: true, fromReferrer: true };
    expect(targetOf(at('body'), world)).toBe(at('body'));
    expect(targetOf(undefined, world)).toBe(at('header'));
    expect(targetOf(all.query, world)).toBe(at('header'));
    expect(targetOf(all.query, { ...world, fromHeader: false })).toBe(at('query'));
    expect(targetOf('https://evil.test/', { ...world, header: 'https://evil.test/' })).toBe(at('query'));
    expect(targetOf(undefined, { ...world, header: undefined, query: 'x' })).toBe(at('referrer'));
  });

  it.each([
    'https://app.example.com/cb',
    'https://x.example.com',
    'https://x.example.com/',
    'https://x.example.com/a/b.c',
    'http://localhost:8080/a',
    'http://localhost/a',
    'myapp://callback',
  ])('%j goes out as it came', (input) => expect(targetOf(input, { allowed })).toBe(input));
});

describe('a pattern is no text to compare with: what it would fit as text', () => {
  it.each([
    ['http://localhost:*/**', 'http://localhost:x@ai/p'],
    ['http://localhost:*/**', 'http://localhost:3000@2130706433/p'],
    ['https://*.example.com/**', 'https://ai\\.example.com/p'],
    ['https://*.example.com/**', 'https://ai?.example.com/p'],
    ['https://*.example.com/**', 'https://ai#.example.com/p'],
    ['https://*-team.preview.test/**', 'https://ai?-team.preview.test/p'],
    ['https://*-team.preview.test/**', 'https://x@ai\\-team.preview.test/p'],
    ['https://**.example.com/**', 'https://evil.test/.example.com/p'],
    ['https://**.example.com/**', 'https://evil.test?.example.com/p'],
    ['https://app.example.com**', 'https://app.example.com@evil.test/p'],
    ['https://app.example.com**', 'https://app.example.com.evil.test/'],
    ['*://app.example.com/**', 'javascript://app.example.com/%0aalert(1)'],
    ['*://app.example.com/**', 'javascript://app.example.com/p'],
    ['*://app.example.com/**', 'data://app.example.com/p'],
    ['https://app?example.com/**', 'https://app-example.com/p'],
    ['https://app?example.com/**', 'https://app\nexample.com/p'],
  ])('%s does not let %j through', (pattern, input) =>
    expect(targetOf(input, { allowed: [pattern] })).toBe(site),
  );
});

describe('the site itself', () => {
  it.each([site, `${site}/`, `${site}/a?x=1&y=/b`, `${site}?x=1`])('is where %j leads', (input) =>
    expect(targetOf(input)).toBe(input),
  );

  // Recorded: the query may come with a space.
  it('takes a query with a space, encoded', () =>
    expect(targetOf(`${site}/a?y=a b`)).toBe(`${site}/a?y=a%20b`));

  it('gets no fragment but the one that carries the session', () =>
    expect(targetOf(`${site}/in?x=1#access_token=mine`)).toBe(`${site}/in?x=1`));

  it.each([
    'http://site.test/',
    'https://site.test:8443/',
    'https://site.test./',
    'https://you@site.test/',
    `${site}/a/../b`,
    `${site}/a/%2e%2e/b`,
    `${site}/a/..;/b`,
    `${site}/a%2fb`,
    `${site}\\a`,
    '/relative',
  ])('is not what %j means', (input) => expect(targetOf(input)).toBe(site));

  it('may be an http address, and so may be its neighbours then', () => {
    const world = { siteUrl: 'http://intra.test', allowed: ['http://wiki.test/**'] };
    expect(targetOf('http://intra.test/a', world)).toBe('http://intra.test/a');
    expect(targetOf('http://wiki.test/a', world)).toBe('http://wiki.test/a');
    expect(targetOf('http://wiki.test/a', { ...world, siteUrl: site })).toBe(site);
  });
});

describe('this machine', () => {
  const addresses = [
    'http://127.0.0.1:3000',
    'http://127.0.0.1:8080/a',
    'http://[::1]:5173/',
    'https://[::1]/',
  ];

  it.each(addresses)('is allowed as %j where loopback is', (input) => {
    expect(targetOf(input, { allowsLoopback: true })).toBe(input);
    expect(targetOf(input)).toBe(site);
  });

  // GoTrue: the name can be made to lead elsewhere, the address cannot (RFC 8252 8.3).
  it('goes by its name only where the site does', () => {
    const here = { allowsLoopback: true, siteUrl: 'http://localhost:3000' };
    expect(targetOf('http://localhost:5173/', { allowsLoopback: true })).toBe(site);
    expect(targetOf('http://localhost:5173/', here)).toBe('http://localhost:5173/');
    expect(targetOf('http://localhost:5173/', { ...here, allowsLoopback: false })).toBe(here.siteUrl);
  });

  it.each(rows.filter(([, input]) => input !== 'https://[::1]/'))('%s: opens no way for %j', (_, input) =>
    expect(targetOf(input, { allowed, allowsLoopback: true })).toBe(site),
  );
});
