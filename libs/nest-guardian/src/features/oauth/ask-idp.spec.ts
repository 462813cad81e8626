import { describe, expect, it } from '@jest/globals';
import { ScriptedIdp } from '../../../../../test/support/scripted-idp.js';
import { deny } from '../../core/auth-error.js';
import type { Idps } from '../../core/ports/idps.js';
import { type AskNeeds, askIdp, requireIdp } from './ask-idp.js';
import { oauthConditions } from './oauth.contract.js';

const needs = (until: number, tellIdpFaults = true) =>
  ({ caller: { until: performance.now() + until }, settings: { oauth: { tellIdpFaults } } }) as AskNeeds;
const conditionOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: { condition?: { name: string } }) => error.condition?.name ?? String(error),
  );

describe('an identity provider that is asked', () => {
  it('has until shortly before the request is given up', async () => {
    const never = () => new Promise(() => undefined);
    const began = performance.now();
    expect(await conditionOf(askIdp(never, needs(1_050)))).toBe('idpUnavailable');
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await conditionOf(askIdp(never, needs(0)))).toBe('idpUnavailable');
  });

  it.each(['idpUnavailable', 'idpAnswerRefused'] as const)(
    'and says %s is told apart, or not',
    async (name) => {
      const failing = async () => deny(oauthConditions[name], { value: 'words' });
      expect(await conditionOf(askIdp(failing, needs(5_000)))).toBe(name);
      const asGoTrue = askIdp(failing, needs(5_000, false));
      expect(await conditionOf(asGoTrue)).toBe('idpFault');
      await expect(asGoTrue).rejects.toMatchObject({ status: 500, message: 'words' });
    },
  );

  it('has other faults left as they are', async () => {
    const missing = async () => deny(oauthConditions.idpSubjectMissing);
    expect(await conditionOf(askIdp(missing, needs(5_000, false)))).toBe('idpSubjectMissing');
  });

  it('is found whatever the case of its name, and told from one that is off and one that nobody knows', () => {
    const one = new ScriptedIdp('one');
    const idps = {
      find: (name: string) => (name === 'one' ? one : null),
      knows: (name: string) => name === 'off',
    } as unknown as Idps;
    expect(requireIdp('One', { idps })).toBe(one);
    expect(() => requireIdp('OFF', { idps })).toThrow('provider is not enabled');
    expect(() => requireIdp('', { idps })).toThrow('Unsupported provider: Provider  could not be found');
    expect(() => requireIdp('custom:x', { idps })).toThrow('custom provider custom:x not found');
  });
});
