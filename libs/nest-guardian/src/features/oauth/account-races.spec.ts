import { beforeAll, describe, expect, it } from '@jest/globals';
import { AccountBench, newAddress, password, somebody } from '../../../../../test/support/account-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { unlinkIdentity } from '../identities/identities.contract.js';
import { signUp } from '../password/password.contract.js';

const crowd = 20;
const link = { link_identity: true };

const idOf = (answer: unknown): string =>
  typeof answer === 'string' ? answer : (answer as { user: { id: string } }).user.id;

onBothDatabases('at the same moment', (open) => {
  let bench: AccountBench;
  beforeAll(async () => {
    bench = await AccountBench.open(open());
  });
  const all = (ask: (index: number) => Promise<unknown>): Promise<string[]> =>
    Promise.all(Array.from({ length: crowd }, (_, index) => ask(index).then(idOf)));

  it('a new person who comes often is one person', async () => {
    const ann = somebody();
    const ids = await all(() => bench.enter(ann));
    expect(new Set(ids).size).toBe(1);
    expect(await bench.rowOf(ann)).toMatchObject({ id: ids[0], ways: ['acme'] });
    expect(await bench.countOf(ann.email ?? '')).toBe(1);
  });

  it('a new person without an address is one person', async () => {
    const mute = somebody({ email: undefined });
    const ids = await all(() => bench.enter(mute, { provider: 'mute' }));
    expect(new Set(ids).size).toBe(1);
    const [row] = await bench.query(
      `SELECT count(*)::int AS count FROM auth.users WHERE raw_user_meta_data->>'sub' = $1`,
      [mute.subject],
    );
    expect(row?.count).toBe(1);
  });

  it('several identities with one verified address are one person', async () => {
    const email = newAddress();
    const ids = await all((index) =>
      bench.enter(somebody({ email }), { provider: index % 2 === 0 ? 'acme' : 'other' }),
    );
    expect(new Set(ids).size).toBe(1);
    expect(await bench.countOf(email)).toBe(1);
  });

  it('a sign-up with a password and a sign-in from elsewhere make one account, whose password is nobody’s', async () => {
    for (let round = 0; round < 5; round += 1) {
      const ann = somebody();
      const email = ann.email ?? '';
      const answers = await Promise.all([
        bench.enter(ann),
        bench.sending.answerOf(signUp, { email, password }),
        bench.enter(ann),
      ]);
      expect(answers.filter((answer) => typeof answer === 'string')).toEqual([]);
      expect(await bench.countOf(email)).toBe(1);
      expect(await bench.signIn(email)).toMatch(/^400 invalid_credentials/);
      expect((await bench.open(ann)).user.email).toBe(email);
    }
  });

  describe('of those who link', () => {
    it('one identity, one gets it', async () => {
      const people = await Promise.all(Array.from({ length: 5 }, () => bench.member()));
      const work = somebody();
      const answers = await Promise.all(
        people.map(({ access_token }) => bench.enter(work, link, access_token).then(idOf)),
      );
      const refused = answers.filter((answer) => answer.startsWith('422 identity_already_exists'));
      expect(refused).toHaveLength(4);
      expect((await bench.rowOf(work))?.ways).toEqual(['acme', 'email']);
    });

    it('and sign in with it, it is one person’s', async () => {
      const member = await bench.member();
      const work = somebody();
      const answers = await Promise.all([
        bench.enter(work, link, member.access_token).then(idOf),
        bench.enter(work).then(idOf),
      ]);
      const row = await bench.rowOf(work);
      expect(answers).toContain(row?.id);
      const known = new Set([member.user.id, row?.id as string]);
      expect(answers.every((one) => known.has(one) || one.startsWith('422 identity_already'))).toBe(true);
    });

    it('one and take away another, one way in stays, and the list of them is true', async () => {
      const member = await bench.member();
      const [own] = member.user.identities ?? [];
      const { access_token: bearer } = member;
      const caller = { ...bench.sending.caller, bearer };
      const work = somebody();
      const [linked, unlinked] = await Promise.all([
        bench.enter(work, link, bearer),
        bench.sending.answerOf(unlinkIdentity, { identity_id: own?.identity_id ?? '' }, caller),
      ]);
      expect(idOf(linked)).toBe(member.user.id);
      const row = await bench.rowOf(work);
      const isGone = typeof unlinked !== 'string';
      expect(row?.ways).toEqual(isGone ? ['acme'] : ['acme', 'email']);
      const { providers } = (row as { raw_app_meta_data: { providers: string[] } }).raw_app_meta_data;
      expect(providers.toSorted()).toEqual(row?.ways);
    });
  });
});
