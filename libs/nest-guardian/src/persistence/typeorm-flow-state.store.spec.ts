import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { maskRows, type Row, type Rows } from '../../../../test/rows/mask-rows.js';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { FlowState, NewFlowState } from '../core/ports/flow-states.js';

const recorded = JSON.parse(readFileSync('test/recordings/rows.json', 'utf8')) as readonly {
  readonly after: string;
  readonly rows: Rows;
}[];

const at = new Date('2026-08-20T10:00:00.123Z');
const after = (milliseconds: number): Date => new Date(at.getTime() + milliseconds);

onBothDatabases('flow states', (open) => {
  const start = async (change: Partial<NewFlowState> = {}): Promise<NewFlowState> => {
    const user = newUser();
    const flow: NewFlowState = {
      userId: user.id,
      authenticationMethod: 'email/signup',
      providerType: 'email',
      challenge: 'a'.repeat(43),
      challengeMethod: 's256',
      at,
      ...change,
    };
    await inUnit(open(), async ({ users, flowStates }) => {
      if (flow.userId === user.id) await users.insert(user);
      await flowStates.start(flow);
    });
    return flow;
  };
  const issue = ({ userId, authenticationMethod }: NewFlowState, time = after(5)): Promise<string | null> =>
    inUnit(open(), ({ flowStates }) => flowStates.issueCode(userId, authenticationMethod, time));
  const take = (code: string | null): Promise<FlowState | null> =>
    inUnit(open(), ({ flowStates }) => flowStates.take(code as string));
  const rowsOf = async (userId: string): Promise<Row[]> =>
    (
      await open().dataSource.query('SELECT to_jsonb(f) AS row FROM auth.flow_state f WHERE user_id = $1', [
        userId,
      ])
    ).map(({ row }: { row: Row }) => row);

  it('are kept as GoTrue keeps them', async () => {
    const { userId } = await start();
    const entry = recorded.find(({ after }) => after === 'confirm: sign-up with PKCE, not yet confirmed');
    const expected = maskRows({ flow_state: entry?.rows.flow_state }, '');
    expect(maskRows({ flow_state: await rowsOf(userId) }, '')).toEqual(expected);
  });

  it('give their code, which brings them back, and the time of giving is noted', async () => {
    const flow = await start({ challengeMethod: 'plain', authenticationMethod: 'magiclink' });
    const code = await issue(flow);
    expect(code).toMatch(/^[0-9a-f-]{36}$/);
    expect(await rowsOf(flow.userId)).toMatchObject([{ updated_at: '2026-08-20T10:00:00.128+00:00' }]);
    const { at: createdAt, ...begun } = flow;
    expect(await take(code)).toEqual({
      ...begun,
      id: expect.any(String),
      createdAt,
      codeIssuedAt: after(5),
      idpTokens: null,
    });
  });

  it('the newest of the user and the method is meant', async () => {
    const old = await start();
    const newest = await start({ ...old, challenge: 'b'.repeat(43), at: after(2) });
    await start({ ...old, challenge: 'c'.repeat(43), at: after(1) });
    await start({ ...old, challenge: 'd'.repeat(43), at: after(3), authenticationMethod: 'recovery' });
    await start({ challenge: 'e'.repeat(43), at: after(4) });
    expect(await take(await issue(old))).toMatchObject({ challenge: newest.challenge });
  });

  it('there is no code where there is no flow', async () => {
    const flow = await start();
    expect(await issue({ ...flow, authenticationMethod: 'recovery' })).toBeNull();
    expect(await issue({ ...flow, userId: randomUUID() })).toBeNull();
  });

  it('A-30 of 50 parallel exchanges of a code one gets the flow', async () => {
    const code = await issue(await start());
    const results = await Promise.all(Array.from({ length: 50 }, () => take(code)));
    expect(results.filter((result) => result !== null)).toHaveLength(1);
  });

  it('A-30 a flow whose exchange is denied is there again', async () => {
    const code = await issue(await start());
    const unit = open().persistence.begin();
    expect(await unit.flowStates.take(code as string)).not.toBeNull();
    await unit.rollback();
    expect(await take(code)).not.toBeNull();
  });

  it.each(['', 'x', '00000000-0000-4000-8000-000000000000', "' OR true --"])(
    'the code %j, which nobody was given, brings nothing',
    async (code) => {
      await start();
      expect(await take(code)).toBeNull();
    },
  );

  it.each(['user_id', 'code_challenge', 'code_challenge_method'])(
    'one that has no %s is not to be had for a code',
    async (column) => {
      const flow = await start();
      const code = await issue(flow);
      const clear = `UPDATE auth.flow_state SET ${column} = NULL WHERE auth_code = $1`;
      await open().dataSource.query(clear, [code]);
      expect(await take(code)).toBeNull();
    },
  );
});
