import argon2 from '@node-rs/argon2';
import bcrypt from '@node-rs/bcrypt';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Argon2Hasher } from './argon2-hasher.js';

const password = 'correct horse 9 battery';
const hasher = new Argon2Hasher(async () => bcrypt);
const salt = 'c29tZXNhbHRzb21lc2FsdA';
const digest = 'A'.repeat(43);

/** Milliseconds that a verification takes. */
async function timeOf(hash: string): Promise<number> {
  const start = performance.now();
  expect(await hasher.verify(password, hash)).toBe(false);
  return performance.now() - start;
}

describe('a hash of our own', () => {
  it('is argon2id of 19 MiB and two passes, with a salt of its own', async () => {
    const [one, other] = await Promise.all([hasher.hash(password), hasher.hash(password)]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(other).not.toBe(one);
    expect(hasher.isOutdated(one)).toBe(false);
  });

  it('fits its password and no other', async () => {
    const hash = await hasher.hash(password);
    expect(await hasher.verify(password, hash)).toBe(true);
    expect(await hasher.verify(`${password} `, hash)).toBe(false);
    expect(await hasher.verify(password, null)).toBe(false);
  });

  it('A-21 tells passwords apart after 72 bytes and after a two-byte letter at the edge', async () => {
    const long = 'p'.repeat(72);
    expect(await hasher.verify(`${long}b`, await hasher.hash(`${long}a`))).toBe(false);
    const edge = `${'p'.repeat(71)}é`;
    expect(await hasher.verify(`${'p'.repeat(71)}è`, await hasher.hash(edge))).toBe(false);
  });

  it('A-22 tells apart what a C string, a trim or a normalisation would not', async () => {
    const pairs = [
      ['abcdefgh\0ijk', 'abcdefgh'],
      [' abcdefgh', 'abcdefgh'],
      ['abcdefgh ', 'abcdefgh'],
      ['p\u00e4ssword', 'pa\u0308ssword'],
      ['Abcdefgh', 'abcdefgh'],
    ] as const;
    for (const [one, other] of pairs) {
      const hash = await hasher.hash(one);
      expect(await hasher.verify(one, hash)).toBe(true);
      expect(await hasher.verify(other, hash)).toBe(false);
    }
  });
});

describe('a bcrypt hash of another server', () => {
  let made: string;
  beforeAll(async () => {
    made = await bcrypt.hash(password, 4);
  });

  it.each(['2a', '2b', '2y'])('fits its password with the prefix $%s$, and is outdated', async (prefix) => {
    const hash = made.replace(/^\$2.\$/, `$${prefix}$`);
    expect(await hasher.verify(password, hash)).toBe(true);
    expect(await hasher.verify(`${password}!`, hash)).toBe(false);
    expect(hasher.isOutdated(hash)).toBe(true);
  });

  it('can be imported, and so can one of ours, but nothing that costs too much or is no hash', async () => {
    expect([made, await hasher.hash(password)].map((hash) => hasher.canVerify(hash))).toEqual([true, true]);
    const costly = [made.replace('$04$', '$31$'), `$argon2id$v=19$m=4194304,t=1000,p=1$${salt}$${digest}`];
    for (const hash of [...costly, password, '', '$fbscrypt$v=1,n=14$x$y']) {
      expect(hasher.canVerify(hash)).toBe(false);
    }
  });

  it('A-21 never fits a password of more than 72 bytes, whatever its beginning', async () => {
    const long = 'p'.repeat(72);
    const hash = await bcrypt.hash(long, 4);
    expect(await hasher.verify(long, hash)).toBe(true);
    expect(await bcrypt.verify(`${long}x`, hash)).toBe(true);
    expect(await hasher.verify(`${long}x`, hash)).toBe(false);
    const edge = await bcrypt.hash(`${'p'.repeat(71)}é`, 4);
    expect(await hasher.verify(`${'p'.repeat(71)}é`, edge)).toBe(false);
  });

  it('A-22 never fits a password with a NUL, though bcrypt itself would say yes', async () => {
    const hash = await bcrypt.hash('abc', 4);
    expect(await bcrypt.verify('abc\0abc', hash)).toBe(true);
    expect(await hasher.verify('abc\0abc', hash)).toBe(false);
  });

  it('asks for its package, and nothing else does', async () => {
    let asked = 0;
    const lazy = new Argon2Hasher(async () => {
      asked += 1;
      return bcrypt;
    });
    await lazy.verify(password, await lazy.hash(password));
    await lazy.verify(password, null);
    await lazy.verify('p'.repeat(73), made);
    expect(asked).toBe(0);
    await lazy.verify(password, made);
    expect(asked).toBe(1);
  });
});

describe('an argon2 hash of another server', () => {
  // 1 is argon2i, 2 is argon2id.
  it.each([
    ['argon2i', { algorithm: 1, memoryCost: 19_456, timeCost: 2 }, true],
    ['argon2id with less memory', { algorithm: 2, memoryCost: 4_096 }, true],
    ['argon2id with fewer passes', { memoryCost: 19_456, timeCost: 1 }, true],
    ['argon2id with more of both', { memoryCost: 32_768, timeCost: 4, parallelism: 2 }, false],
  ])('%s fits its password', async (_, options, isOutdated) => {
    const hash = await argon2.hash(password, options);
    expect(await hasher.verify(password, hash)).toBe(true);
    expect(await hasher.verify('something else', hash)).toBe(false);
    expect(hasher.isOutdated(hash)).toBe(isOutdated);
  });
});

describe('a hash that is none', () => {
  it.each([
    '',
    'x',
    '$argon2id$v=19$x',
    '$argon2d$v=19$m=64,t=1,p=1$' + `${salt}$${digest}`,
    '$argon2id$v=16$m=64,t=1,p=1$' + `${salt}$${digest}`,
    '$argon2id$v=19$m=64,t=1,p=1,keyid=YWJj$' + `${salt}$${digest}`,
    '$argon2id$v=19$m=64,t=1,p=1,data=YWJj$' + `${salt}$${digest}`,
    '$argon2id$v=19$m=64,t=1,p=1$$' + digest,
    '$argon2id$v=19$m=64,t=1,p=1$' + `${salt}$`,
    '$argon2id$v=19$m=64,t=0,p=1$' + `${salt}$${digest}`,
    '$argon2id$v=19$m=1,t=1,p=1$' + `${salt}$${digest}`,
    `$argon2id$v=19$m=64,t=1,p=1$${salt}$${'A'.repeat(100_000)}`,
    '$2b$04$short',
    '$2b$03$' + '.'.repeat(53),
    '$2x$04$' + '.'.repeat(53),
    '$2b$99$' + '.'.repeat(53),
    '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=ou9t$b0F1$aGFzaA==',
    'é'.repeat(60),
    '\0',
  ])('%j fits no password and throws nothing', async (hash) => {
    expect(await hasher.verify(password, hash)).toBe(false);
    expect(await hasher.verify('', hash)).toBe(false);
    expect(hasher.isOutdated(hash)).toBe(true);
  });

  it.each([
    ['argon2id of 4 GiB and 1000 passes', `$argon2id$v=19$m=4194304,t=1000,p=1$${salt}$${digest}`],
    ['argon2id of 1 GiB and 20 passes', `$argon2id$v=19$m=1048576,t=20,p=1$${salt}$${digest}`],
    ['argon2id of 17 lanes', `$argon2id$v=19$m=65536,t=1,p=17$${salt}$${digest}`],
    ['bcrypt of cost 31', `$2b$31$${'.'.repeat(53)}`],
    ['bcrypt of cost 15', `$2b$15$${'.'.repeat(53)}`],
  ])('A-25 %s is not computed', async (_, hash) => {
    const usual = await timeOf(await hasher.hash('another password'));
    expect(await timeOf(hash)).toBeLessThan(usual * 10 + 200);
  });
});

describe('many at once', () => {
  it('wait for a core in a line that ends, and whoever comes later is told so', async () => {
    const asked = Array.from({ length: 400 }, () => hasher.verify(password, null));
    const outcomes = await Promise.allSettled(asked);
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(400 - 256 + 1);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'overloaded', status: 503 });
    expect(await hasher.verify(password, await hasher.hash(password))).toBe(true);
  });
});
