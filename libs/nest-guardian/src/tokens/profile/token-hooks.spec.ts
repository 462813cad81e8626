import { beforeEach, describe, expect, it } from '@jest/globals';
import { forged, profileOf, refusalOf } from '../../../../../test/support/profile-bench.js';
import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import { type TokenState, TokenTracking, type TrackedToken } from '../../core/ports/token-tracking.js';
import { defineTokenProfile } from './profile-definition.js';
import { TokenHooks } from './token-hooks.js';

/** As much of a store as hooks need. */
class Rows extends TokenTracking {
  readonly states = new Map<string, TokenState>();
  override async add({ id }: TrackedToken) {
    this.states.set(id, { kind: 'active' });
    return true;
  }
  override async stateOf({ id }: { readonly id: string }) {
    return this.states.get(id) ?? { kind: 'missing' as const };
  }
  override async derive({ from, next, spends, at }: Parameters<TokenTracking['derive']>[0]) {
    if (spends) this.states.set(from.id, { kind: 'used', at });
    return next === null || this.add(next);
  }
  override async revoke({ id }: { readonly id: string }) {
    this.states.set(id, { kind: 'revoked' });
  }
  override async revokeFamily({ familyId }: { readonly familyId: string }) {
    this.states.set(familyId, { kind: 'revoked' });
  }
  override async revokeAll() {
    return 0;
  }
  override async putOneTime() {}
  override async takeOneTime() {
    return null;
  }
}

const profile = defineTokenProfile({
  name: 'devices',
  audience: 'devices',
  types: { access: '15m', refresh: '30d' },
  defaultType: 'access',
  exchange: { refresh: ['access'] },
  subject: (one: { readonly id: string }) => one.id,
  resolve: ({ sub }) => ({ id: sub }),
});
const device = { id: 'thermostat' };

const called: string[] = [];
class Listening extends TokenHooks {
  constructor(private readonly name: string) {
    super();
  }
  #note(hook: string): void {
    called.push(`${this.name} ${hook}`);
  }
  override beforeIssue(claims: object, { by }: { readonly by: string }) {
    this.#note(`beforeIssue ${by}`);
    return { ...claims, [this.name]: by };
  }
  override async afterIssue() {
    this.#note('afterIssue');
  }
  override verify() {
    this.#note('verify');
  }
  override afterVerify() {
    this.#note('afterVerify');
  }
  override afterRefresh() {
    this.#note('afterRefresh');
  }
  override afterExchange() {
    this.#note('afterExchange');
  }
  override afterRevoke() {
    this.#note('afterRevoke');
  }
}

describe('hooks', () => {
  const listening = [new Listening('a'), new Listening('b')];
  const tokens = profileOf(profile, { hooks: listening, tracking: new Rows() });
  const callsOf = async (work: Promise<unknown>): Promise<string[]> => {
    called.length = 0;
    await work;
    return [...called];
  };
  const both = (...hooks: string[]) => hooks.flatMap((hook) => [`a ${hook}`, `b ${hook}`]);
  let refresh: string;
  beforeEach(async () => {
    refresh = (await tokens.issue(device, { type: 'refresh' })).token;
  });

  it('are asked once each, in their order, when a token is issued', async () => {
    expect(await callsOf(tokens.issue(device))).toEqual(both('beforeIssue issue', 'afterIssue'));
  });

  it('are asked once each when a token is verified, remembered or not', async () => {
    const { token } = await tokens.issue(device);
    expect(await callsOf(tokens.verify(token))).toEqual(both('verify', 'afterVerify'));
    expect(await callsOf(tokens.verify(token))).toEqual(both('verify', 'afterVerify'));
  });

  it('are asked once each when a token is refreshed, and write its claims anew', async () => {
    const asked = both('verify', 'afterVerify', 'beforeIssue refresh', 'afterIssue', 'afterRefresh');
    expect(await callsOf(tokens.refresh(refresh))).toEqual(asked);
    const { token } = await tokens.issue(device, { type: 'refresh' });
    expect((await tokens.refresh(token)).claims).toMatchObject({ a: 'refresh', b: 'refresh' });
  });

  it('are asked once each when a token is exchanged', async () => {
    const asked = both('verify', 'afterVerify', 'beforeIssue exchange', 'afterIssue', 'afterExchange');
    expect(await callsOf(tokens.exchange(refresh, { to: 'access' }))).toEqual(asked);
  });

  it('are asked once each when a token is revoked', async () => {
    expect(await callsOf(tokens.revoke(refresh))).toEqual(both('afterRevoke'));
  });

  it('are not asked about what is refused anyway', async () => {
    expect(await callsOf(refusalOf(tokens.verify(refresh)))).toEqual([]);
    expect(await callsOf(refusalOf(tokens.verify(forged({}))))).toEqual([]);
    expect(await callsOf(refusalOf(tokens.exchange(refresh, { to: 'refresh' })))).toEqual([]);
  });
});

describe('a hook that fails', () => {
  const broken = new Error('the hook broke');
  const failing = (hooks: Partial<TokenHooks>) => {
    const tracking = new Rows();
    const failures: unknown[] = [];
    const plain = profileOf(profile, { tracking });
    return { tracking, failures, plain, tokens: profileOf(profile, { tracking, failures, hooks: [hooks] }) };
  };
  const kinds = [
    'beforeIssue',
    'afterIssue',
    'verify',
    'afterVerify',
    'afterRefresh',
    'afterExchange',
    'afterRevoke',
  ] as const;
  const provoke = async (name: (typeof kinds)[number], hook: () => never) => {
    const { tokens, plain, tracking, failures } = failing({ [name]: hook });
    const { token, claims } = await plain.issue(device, { type: 'refresh' });
    const work = {
      beforeIssue: () => tokens.issue(device),
      afterIssue: () => tokens.issue(device),
      verify: () => tokens.verify(token, { type: 'refresh' }),
      afterVerify: () => tokens.verify(token, { type: 'refresh' }),
      afterRefresh: () => tokens.refresh(token),
      afterExchange: () => tokens.exchange(token, { to: 'access' }),
      afterRevoke: () => tokens.revoke(token),
    };
    return { refusal: await refusalOf(work[name]()), states: tracking.states, failures, claims };
  };

  it.each(kinds)('%s refuses, and says why to the log only', async (name) => {
    const { refusal, failures } = await provoke(name, () => {
      throw broken;
    });
    expect(refusal).toBe('token_hook_failed');
    expect(failures).toEqual([[name, broken]]);
  });

  it.each(kinds)('%s refuses with its own words where it has some', async (name) => {
    const { refusal, failures } = await provoke(name, () => deny(common.databaseUnavailable));
    expect(refusal).toBe('database_unavailable');
    expect(failures).toEqual([]);
  });

  it.each(kinds)('%s refuses when it answers with nonsense', async (name) => {
    for (const nonsense of [null, false, true, 0, 'no', [], () => ({}), Symbol('x'), NaN, new Map()]) {
      const { refusal } = await provoke(name, () => nonsense as never);
      expect([nonsense, refusal]).toEqual([nonsense, 'token_hook_failed']);
    }
  });

  it('beforeIssue cannot make a token somebody else’s', async () => {
    for (const claims of [
      { sub: 'root' },
      { exp: 1e12 },
      { act: undefined },
      JSON.parse('{"__proto__":{}}'),
    ]) {
      expect((await provoke('beforeIssue', () => claims as never)).refusal).toBe('token_hook_failed');
    }
  });

  it('beforeIssue cannot do so by changing what it is given, nor can who gave it, meanwhile', async () => {
    const change = (claims: object): void => void Object.assign(claims, { sub: 'root', exp: 1e12 });
    const { tokens, failures } = failing({ beforeIssue: change });
    expect(await refusalOf(tokens.issue(device, { claims: { room: 'hall' } }))).toBe('token_hook_failed');
    expect(failures).toEqual([['beforeIssue', expect.any(TypeError)]]);
    const slow = failing({ beforeIssue: () => Promise.resolve() });
    const claims = { room: 'hall' };
    const issuing = slow.tokens.issue(device, { claims });
    change(claims);
    expect((await issuing).claims).toMatchObject({ sub: 'thermostat', room: 'hall' });
  });

  it('before a token is written leaves no row, and afterwards none that is good', async () => {
    const refuse = (): never => {
      throw broken;
    };
    const { tokens, plain, tracking } = failing({ afterIssue: refuse });
    await refusalOf(tokens.issue(device, { type: 'refresh' }));
    expect(tracking.states.size).toBe(0);
    const { token, claims } = await plain.issue(device, { type: 'refresh' });
    expect(await refusalOf(tokens.refresh(token))).toBe('token_hook_failed');
    expect(tracking.states.get(claims.jti)).toEqual({ kind: 'active' });
    const late = await provoke('afterRefresh', refuse);
    const kinds = [...late.states.values()].map(({ kind }) => kind);
    expect(kinds).toEqual(['used', 'revoked']);
  });

  it('afterRevoke does not bring the token back', async () => {
    const { states, claims } = await provoke('afterRevoke', () => {
      throw broken;
    });
    expect(states.get(claims.jti)).toEqual({ kind: 'revoked' });
  });
});
