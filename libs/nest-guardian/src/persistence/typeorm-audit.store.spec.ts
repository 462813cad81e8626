import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { AuditEntry, AuditQuery } from '../core/ports/stores.js';

onBothDatabases('the audit store', (open) => {
  const at = (second: number): Date => new Date(Date.UTC(2026, 7, 20, 10, 0, second, 123));
  const actorNamed = (email: string, fullName?: string): AuditEntry['actor'] => ({
    ...newUser({ email, userMetadata: fullName === undefined ? {} : { full_name: fullName } }),
    isSsoUser: false,
  });
  const record = (...entries: AuditEntry[]): Promise<void> =>
    inUnit(open(), async ({ audit }) => {
      for (const entry of entries) await audit.record(entry);
    });
  const list = (change: Partial<AuditQuery> = {}) =>
    open()
      .persistence.begin()
      .audit.list({ page: 1, perPage: 50, ...change });
  const entry = (change: Partial<AuditEntry> & Pick<AuditEntry, 'actor'>): AuditEntry => ({
    action: 'login',
    logType: 'account',
    at: at(0),
    ...change,
  });
  const actionsBy = async (field: 'author' | 'action' | 'type', text: string): Promise<unknown[]> =>
    (await list({ search: { field, text } })).rows.map(({ payload }) => payload.action);

  it('lists the rows as GoTrue shows them, with the address where one was noted', async () => {
    const unique = randomUUID();
    const actor = actorNamed(`${unique}@example.com`);
    await record(
      entry({ actor, traits: { provider: 'email' } }),
      entry({ actor, action: 'factor_in_progress', logType: 'factor', ip: '2001:db8::1', at: at(1) }),
    );
    const who = { actor_id: actor.id, actor_via_sso: false, actor_username: actor.email };
    expect(await list({ search: { field: 'author', text: unique } })).toEqual({
      rows: [
        {
          id: expect.any(String),
          payload: { ...who, action: 'factor_in_progress', log_type: 'factor' },
          createdAt: at(1),
          ip: '2001:db8::1',
        },
        {
          id: expect.any(String),
          payload: { ...who, action: 'login', log_type: 'account', traits: { provider: 'email' } },
          createdAt: at(0),
          ip: '',
        },
      ],
      total: 2,
    });
  });

  it('lists the newest first, each row on one page, with the number of all', async () => {
    const unique = randomUUID();
    const actor = actorNamed(`${unique}@example.com`);
    await record(
      ...Array.from({ length: 5 }, (_, n) => entry({ actor, action: `a${n}`, at: at(n > 2 ? 9 : n) })),
    );
    const pages = await Promise.all(
      [1, 2, 3].map((page) => list({ page, perPage: 2, search: { field: 'author', text: unique } })),
    );
    expect(pages.map(({ total }) => total)).toEqual([5, 5, 5]);
    const actions = pages.flatMap(({ rows }) => rows.map(({ payload }) => payload.action));
    expect(actions.slice(0, 2).toSorted()).toEqual(['a3', 'a4']);
    expect(actions.slice(2)).toEqual(['a2', 'a1', 'a0']);
    expect((await list()).total).toBeGreaterThanOrEqual(5);
  });

  it('searches the author by name and address, the action and the type, in any case', async () => {
    const unique = randomUUID();
    const [ann, ben] = [
      actorNamed(`ann-${unique}@example.com`, `Ann O ${unique}`),
      actorNamed(`ben-${unique}@example.com`),
    ];
    await record(
      entry({ actor: ann, action: `one_${unique}` }),
      entry({ actor: ben, action: `two_${unique}`, logType: 'team', at: at(1) }),
    );
    expect(await actionsBy('author', `ANN o ${unique.toUpperCase()}`)).toEqual([`one_${unique}`]);
    expect(await actionsBy('author', `N-${unique}`)).toEqual([`two_${unique}`, `one_${unique}`]);
    expect(await actionsBy('action', `TWO_${unique}`)).toEqual([`two_${unique}`]);
    expect(await actionsBy('type', 'TEA')).toContain(`two_${unique}`);
    expect(await actionsBy('type', 'TEA')).not.toContain(`one_${unique}`);
    expect(await actionsBy('action', unique.concat('x'))).toEqual([]);
  });

  it.each(['%', '_', '\\', "' OR true --"])('Z-08 takes %s in a search for itself', async (text) => {
    const unique = randomUUID();
    const actor = actorNamed(`${unique}@example.com`);
    await record(entry({ actor, action: `${unique}ab` }), entry({ actor, action: `${unique}a${text}b` }));
    expect(await actionsBy('action', `${unique}a${text}b`)).toEqual([`${unique}a${text}b`]);
    expect(await actionsBy('action', `${unique}${text}`)).toEqual([]);
  });
});
