import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { UnitOfWork } from '../core/ports/persistence.js';
import type { NewSecret, OneTimeSecretStore, TakenSecret } from '../core/ports/one-time-secrets.js';

type WantedByCode = Parameters<OneTimeSecretStore['takeByCode']>[0];

const at = new Date('2026-08-20T10:00:00.123Z');
const after = (milliseconds: number): Date => new Date(at.getTime() + milliseconds);
const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

onBothDatabases('one-time secrets', (open) => {
  describe.each(['secrets', 'gotrueSecrets'] as const)('in the form of %s', (form) => {
    const inForm = <T>(work: (store: OneTimeSecretStore, unit: UnitOfWork) => Promise<T>): Promise<T> =>
      inUnit(open(), (unit) => work(unit[form], unit));
    const someone = async (): Promise<string> => {
      const user = newUser();
      await inUnit(open(), ({ users }) => users.insert(user));
      return user.id;
    };
    const secretOf = (userId: string, change: Partial<NewSecret> = {}): NewSecret => {
      const hash = randomUUID();
      return {
        userId,
        slot: 'recovery',
        kind: 'recovery',
        address: `${userId}@example.com`,
        linkHash: hash,
        codeHash: hash,
        at,
        ...change,
      };
    };
    const put = (secret: NewSecret): Promise<boolean> => inForm((store) => store.put(secret));
    const sent = async (change: Partial<NewSecret> = {}): Promise<NewSecret> => {
      const secret = secretOf(change.userId ?? (await someone()), change);
      expect(await put(secret)).toBe(true);
      return secret;
    };
    const wanting = (
      { linkHash, slot, kind, address }: NewSecret,
      change: Partial<WantedByCode> = {},
    ): WantedByCode => ({
      hashes: [linkHash],
      slots: [slot],
      kinds: [kind],
      issuedAfter: after(-1),
      address,
      maxAttempts: 5,
      ...change,
    });
    const takeBy = {
      link: (secret: NewSecret, change?: Partial<WantedByCode>): Promise<TakenSecret | null> =>
        inForm((store) => store.takeByLink(wanting(secret, change))),
      code: (secret: NewSecret, change?: Partial<WantedByCode>): Promise<TakenSecret | null> =>
        inForm((store) => store.takeByCode(wanting(secret, change))),
    };
    const taken = ({ userId, slot, address }: NewSecret): TakenSecret => ({ userId, slot, address });
    const userRow = async (id: string): Promise<Record<string, unknown>> =>
      (await open().dataSource.query('SELECT * FROM auth.users WHERE id = $1', [id]))[0];

    describe.each(['link', 'code'] as const)('a %s', (way) => {
      const take = takeBy[way];

      it('is taken out once, and says whose it is and where it had been sent', async () => {
        const secret = await sent();
        expect(await take(secret)).toEqual(taken(secret));
        expect(await take(secret)).toBeNull();
      });

      it('A-30 of 50 parallel redemptions one succeeds', async () => {
        const secret = await sent();
        const results = await times(50, () => take(secret, { maxAttempts: 100 }));
        expect(results.filter((result) => result !== null)).toEqual([taken(secret)]);
      });

      it('A-30 is there again when its taker is denied, and not when that is kept', async () => {
        const secret = await sent();
        const denied = inForm(async (store) => {
          expect(await store[way === 'link' ? 'takeByLink' : 'takeByCode'](wanting(secret))).not.toBeNull();
          throw new Error('denied');
        });
        await expect(denied).rejects.toThrow('denied');
        expect(await take(secret)).toEqual(taken(secret));
      });

      it('A-31 opens nothing in another slot', async () => {
        const secret = await sent();
        expect(await take(secret, { slots: ['confirmation', 'reauthentication'] })).toBeNull();
        expect(await take(secret, { slots: ['confirmation', 'recovery'] })).toEqual(taken(secret));
      });

      it('is taken under any of several hashes, and under no other', async () => {
        const secret = await sent();
        expect(await take(secret, { hashes: ['', 'x', randomUUID()] })).toBeNull();
        expect(await take(secret, { hashes: ['x', secret.linkHash] })).toEqual(taken(secret));
      });

      it('opens nothing from the moment on at which it expires', async () => {
        const secret = await sent();
        expect(await take(secret, { issuedAfter: at })).toBeNull();
        expect(await take(secret, { issuedAfter: after(-1) })).toEqual(taken(secret));
      });

      it('A-34 is replaced by the next one of its slot, and by that alone', async () => {
        const first = await sent();
        const other = await sent({
          userId: first.userId,
          slot: 'reauthentication',
          kind: 'reauthentication',
        });
        const second = await sent({ userId: first.userId });
        expect(await take(first)).toBeNull();
        expect(await take(second)).toEqual(taken(second));
        expect(await take(other)).toEqual(taken(other));
      });

      it('A-38 proves the address it was sent to, whoever else is about to take that address', async () => {
        const address = `${randomUUID()}@example.com`;
        const change = { slot: 'email_change_new', kind: 'email_change_new', address } as const;
        const [one, other] = [await sent(change), await sent(change)];
        expect(await take(one)).toEqual(taken(one));
        expect(await take(other)).toEqual(taken(other));
      });

      it('is gone when the user is', async () => {
        const secret = await sent();
        await open().dataSource.query('DELETE FROM auth.users WHERE id = $1', [secret.userId]);
        expect(await take(secret)).toBeNull();
      });
    });

    it('A-31 a code opens nothing for another address, and letters may be of either case', async () => {
      const secret = await sent();
      expect(await takeBy.code(secret, { address: 'other@example.com' })).toBeNull();
      expect(await takeBy.code(secret, { address: secret.address.toUpperCase() })).toEqual(taken(secret));
    });

    it('of two people with the same code for one address the last who asked is meant', async () => {
      const code = String(Math.random());
      const sentTo = (time: Date): Promise<NewSecret> =>
        sent({
          slot: 'phone_change',
          kind: 'phone_change',
          address: code,
          codeHash: code,
          linkHash: form === 'secrets' ? randomUUID() : code,
          at: time,
        });
      const [older, newer, oldest] = [await sentTo(at), await sentTo(after(5)), await sentTo(after(-1))];
      for (const expected of [newer, older]) {
        expect(await takeBy.code(oldest, { hashes: [code], issuedAfter: after(-9) })).toEqual(
          taken(expected),
        );
      }
    });

    it('the time of sending stands on the user', async () => {
      const { userId } = await sent({ at: after(7) });
      expect(await userRow(userId)).toMatchObject({ recovery_sent_at: after(7), updated_at: after(7) });
    });

    it('none is written while the last one is too recent, and the last one goes on', async () => {
      const first = await sent();
      const next = secretOf(first.userId, { at: after(10), unlessSentAfter: after(-1) });
      expect(await put(next)).toBe(false);
      expect(await userRow(first.userId)).toMatchObject({ recovery_sent_at: at, updated_at: at });
      expect(await takeBy.link(first)).toEqual(taken(first));
      expect(await put({ ...next, unlessSentAfter: at })).toBe(true);
    });

    it('a secret that was taken counts as sent all the same', async () => {
      const first = await sent();
      await takeBy.link(first);
      expect(await put(secretOf(first.userId, { unlessSentAfter: after(-1) }))).toBe(false);
    });

    it('of two at once within the time one is sent', async () => {
      const userId = await someone();
      const secret = secretOf(userId);
      const secrets = [secret, { ...secret, linkHash: randomUUID(), codeHash: randomUUID() }];
      const results = await times(2, (index) =>
        put({ ...(secrets[index] as NewSecret), unlessSentAfter: after(-1) }),
      );
      expect(results.toSorted()).toEqual([false, true]);
      const winner = secrets[results.indexOf(true)] as NewSecret;
      expect(await takeBy.link(winner)).toEqual(taken(winner));
    });

    it('none is written for a user who is gone', async () => {
      expect(await put(secretOf(randomUUID()))).toBe(false);
    });

    it('A-34 a clearing takes out all that a user has in either form, and nobody else’s', async () => {
      const { userId } = await sent();
      const others = await sent();
      const mine = (['secrets', 'gotrueSecrets'] as const).flatMap((name) =>
        (['confirmation', 'recovery', 'email_change_new', 'email_change_current'] as const).map((slot) => ({
          name,
          secret: secretOf(userId, { slot, kind: slot === 'confirmation' ? 'signup' : slot }),
        })),
      );
      for (const { name, secret } of mine) await inUnit(open(), (unit) => unit[name].put(secret));
      await inForm((store) => store.clear(userId));
      for (const { name, secret } of mine) {
        expect(await inUnit(open(), (unit) => unit[name].takeByLink(wanting(secret)))).toBeNull();
      }
      expect(await userRow(userId)).toMatchObject({ confirmation_token: '', recovery_token: '' });
      expect(await takeBy.link(others)).toEqual(taken(others));
    });

    it('A-34 a clearing takes out also what is being sent while it waits its turn', async () => {
      const secret = secretOf(await someone());
      const unit = open().persistence.begin();
      await unit[form].put(secret);
      const clearing = inForm((store) => store.clear(secret.userId));
      // By then the other has come as far as it gets.
      for (let count = 0; count < 20; count += 1) await unit.users.findById(secret.userId);
      await unit.commit();
      await clearing;
      expect(await takeBy.link(secret)).toBeNull();
    });

    it('those who send, take and clear at the same moment never wait for each other for ever', async () => {
      const secret = await sent();
      await times(60, async (index) => {
        if (index % 4 === 0) return put(secret);
        if (index % 4 === 1) return takeBy.link(secret);
        if (index % 4 === 2) return takeBy.code(secret, { maxAttempts: 100 });
        return inForm((store) => store.clear(secret.userId));
      });
      const [row] = await open().dataSource.query(
        `SELECT u.recovery_token, coalesce(t.token_hash, '') AS token_hash FROM auth.users u
         LEFT JOIN auth.one_time_tokens t ON t.user_id = u.id WHERE u.id = $1`,
        [secret.userId],
      );
      expect(row.recovery_token).toBe(row.token_hash);
    });

    it('a hash that no row can hold is a bad request, not a fault', async () => {
      const secret = await sent();
      await expect(takeBy.link(secret, { hashes: ['a\0b'] })).rejects.toMatchObject({ status: 400 });
    });
  });
});
