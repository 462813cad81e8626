import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { told } from '../../../../test/support/idp-profiles.js';
import { altered, place, readTold } from '../../../../test/support/read-told.js';
import { isAuthError } from '../core/auth-error.js';
import type { IdpProfile } from '../core/ports/idps.js';
import type { Answer } from './idp-definition.js';
import { presets } from './presets.js';

const names = Object.keys(presets);

describe('an answer that is no person', () => {
  const subjects: Readonly<Record<string, string>> = {
    apple: 'sub',
    azure: 'sub',
    bitbucket: 'uuid',
    google: 'sub',
    keycloak: 'sub',
    linkedin_oidc: 'sub',
    slack_oidc: 'https://slack.com/user_id',
  };
  const outcome = (name: string, answers: Readonly<Record<string, unknown>>): string => {
    try {
      return readTold(name, answers).subject;
    } catch (error) {
      if (!isAuthError(error)) throw error;
      return error.condition.name;
    }
  };

  it.each(names)('%s: without a subject nobody is there', (name) => {
    const member = subjects[name] ?? 'id';
    for (const value of [
      undefined,
      null,
      '',
      '\0',
      1.5,
      Number.MAX_VALUE,
      [],
      ['1'],
      {},
      true,
      'x'.repeat(1_000_000),
    ]) {
      expect(outcome(name, altered(name, { [member]: value }))).toBe('idpSubjectMissing');
    }
    expect(outcome(name, altered(name, { [member]: 42 }))).toBe('42');
  });

  it.each(names)('%s: an address that is none is left out', (name) => {
    const member = name === 'x' ? 'confirmed_email' : 'email';
    for (const value of [
      undefined,
      null,
      '',
      7,
      [],
      ['a@b.example'],
      { address: 'a@b.example' },
      'x'.repeat(300),
    ]) {
      const profile = readTold(name, altered(name, { [member]: value }), true);
      expect(profile.email).toBeNull();
      expect(profile.data.email).toBeUndefined();
    }
  });

  it.each(names)('%s: a name as long as a book is refused, not kept', (name) => {
    const members = Object.fromEntries(
      ['name', 'display_name', 'username', 'handle', 'nickname', 'first_name', 'given_name', 'login'].map(
        (member) => [member, 'x'.repeat(1_000_000)],
      ),
    );
    const answers = altered(name, members);
    const hasName = name === 'apple';
    expect(outcome(name, answers)).toBe(hasName ? told.apple!.subject : 'idpAnswerRefused');
  });

  it.each(names)('%s: any JSON at all gives a person or the declared refusal', (name) => {
    const { idTokens, profile } = presets[name]!.define({ ...place, trustsEmail: true });
    const refusals = new Set(['idpSubjectMissing', 'idpAnswerRefused', 'idTokenRefused']);
    const judge = (of: () => IdpProfile) => {
      try {
        expect(of().subject).not.toBe('');
      } catch (error) {
        expect(isAuthError(error) && refusals.has(error.condition.name)).toBe(true);
      }
    };
    const members = fc.constantFrom(
      'sub',
      'id',
      'uuid',
      'email',
      'name',
      'data',
      'values',
      'user',
      '__proto__',
      'constructor',
    );
    const json = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        fc.dictionary(members, tie('value'), { noNullPrototype: false }),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(json, (value) => {
        const parsed: unknown = JSON.parse(JSON.stringify(value) ?? 'null');
        if (profile)
          judge(() => profile.read(Object.fromEntries(Object.keys(profile.ask).map((one) => [one, parsed]))));
        if (idTokens && typeof parsed === 'object' && parsed !== null) {
          judge(() => idTokens.read(parsed as Answer, { user: JSON.stringify(value) ?? '' }));
        }
      }),
      { numRuns: 30 },
    );
  });
});
