import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { FactorStore } from '../core/ports/factors.js';
import type { Factor } from '../core/records.js';

onBothDatabases('what proves a second factor once', (open) => {
  const at = new Date('2026-08-20T10:00:00.123Z');
  const unit = <T>(work: (factors: FactorStore) => Promise<T>): Promise<T> =>
    inUnit(open(), ({ factors }) => work(factors));
  const person = async (): Promise<string> => {
    const user = newUser();
    await inUnit(open(), ({ users }) => users.insert(user));
    return user.id;
  };
  const enrolled = async (userId?: string): Promise<Factor> => {
    const owner = userId ?? (await person());
    const factor = { id: randomUUID(), userId: owner, friendlyName: randomUUID(), secret: 'JBSWY3DP', at };
    return (await unit((factors) => factors.insert({ ...factor, factorType: 'totp' }))) as Factor;
  };
  const challenged = async (factorId: string): Promise<string> => {
    const id = randomUUID();
    await unit((factors) => factors.challenge({ id, factorId, createdAt: at, ip: '127.0.0.1' }));
    return id;
  };
  const successesOf = async (work: (factors: FactorStore) => Promise<boolean>): Promise<number> =>
    (await Promise.all(Array.from({ length: 50 }, () => unit(work)))).filter(Boolean).length;

  it('M-03 accepts one step of a factor once of 50 in parallel', async () => {
    const { id } = await enrolled();
    expect(await successesOf((factors) => factors.acceptStep(id, 58_000_000))).toBe(1);
    expect(await successesOf((factors) => factors.acceptStep(id, 58_000_001))).toBe(1);
  });

  it('M-03 accepts no earlier step afterwards, and each factor has its own', async () => {
    const { id, userId } = await enrolled();
    const other = await enrolled(userId);
    const accept = (factorId: string, step: number) => unit((factors) => factors.acceptStep(factorId, step));
    expect(await accept(id, 10)).toBe(true);
    expect(await accept(id, 9)).toBe(false);
    expect(await accept(id, 10)).toBe(false);
    expect(await accept(other.id, 9)).toBe(true);
    expect(await accept(id, 11)).toBe(true);
    expect(await accept(randomUUID(), 11)).toBe(false);
  });

  it('M-03 accepts a step anew whose acceptance was rolled back', async () => {
    const { id } = await enrolled();
    const undone = open().persistence.begin();
    expect(await undone.factors.acceptStep(id, 10)).toBe(true);
    await undone.rollback();
    expect(await unit((factors) => factors.acceptStep(id, 10))).toBe(true);
  });

  it('M-06 uses a challenge once of 50 in parallel', async () => {
    const { id } = await enrolled();
    const challengeId = await challenged(id);
    expect(await successesOf((factors) => factors.useChallenge(challengeId, at))).toBe(1);
    const used = await open().persistence.begin().factors.findChallenge(id, challengeId);
    expect(used?.verifiedAt).toEqual(at);
    expect(await unit((factors) => factors.useChallenge(randomUUID(), at))).toBe(false);
  });

  it('M-10 takes a recovery code once of 50 in parallel', async () => {
    const userId = await person();
    await unit((factors) => factors.replaceRecoveryCodes(userId, ['a', 'b', 'c'], at));
    expect(await successesOf((factors) => factors.takeRecoveryCode(userId, 'b'))).toBe(1);
    expect(await open().persistence.begin().factors.countRecoveryCodes(userId)).toBe(2);
  });

  it("M-10 takes only one's own recovery codes, and only the newest set", async () => {
    const [ann, ben] = [await person(), await person()];
    await unit((factors) => factors.replaceRecoveryCodes(ann, ['a', 'b'], at));
    await unit((factors) => factors.replaceRecoveryCodes(ben, ['a'], at));
    expect(await unit((factors) => factors.takeRecoveryCode(ben, 'b'))).toBe(false);
    await unit((factors) => factors.replaceRecoveryCodes(ann, ['c'], at));
    expect(await unit((factors) => factors.takeRecoveryCode(ann, 'a'))).toBe(false);
    expect(await unit((factors) => factors.takeRecoveryCode(ann, 'c'))).toBe(true);
    const { factors } = open().persistence.begin();
    expect([await factors.countRecoveryCodes(ann), await factors.countRecoveryCodes(ben)]).toEqual([0, 1]);
  });

  it('M-10 leaves one set of recovery codes of many that are made at once', async () => {
    const userId = await person();
    await Promise.all(
      Array.from({ length: 10 }, (_, set) =>
        unit((factors) => factors.replaceRecoveryCodes(userId, [`${set}a`, `${set}b`], at)),
      ),
    );
    expect(await open().persistence.begin().factors.countRecoveryCodes(userId)).toBe(2);
  });

  it('lets proofs, enrolments and removals of one person at once wait for each other, and none fails', async () => {
    const userId = await person();
    for (let round = 0; round < 5; round++) {
      const factors = await Promise.all(Array.from({ length: 6 }, () => enrolled(userId)));
      const challenges = await Promise.all(factors.map(({ id }) => challenged(id)));
      const proved = factors.map((factor, index) =>
        unit(async (store) => {
          if (!(await store.useChallenge(challenges[index] as string, at))) return;
          if (await store.acceptStep(factor.id, 10)) await store.confirm(factor, at);
          await store.takeRecoveryCode(userId, 'a');
        }),
      );
      const others = factors.flatMap(({ id }) => [
        unit((store) => store.delete(userId, id)),
        challenged(id),
        unit((store) => store.replaceRecoveryCodes(userId, ['a'], at)),
      ]);
      await Promise.all([...proved, ...others]);
    }
    expect((await open().persistence.begin().users.findById(userId))?.factors).toEqual([]);
  });
});
