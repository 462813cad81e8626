import { describe, expect, it } from '@jest/globals';
import { place } from '../../../../../test/support/read-told.js';
import { azure } from './azure.idp.js';

describe('azure', () => {
  const tenant = '6babcaad-604b-40ac-a9d7-9fd97c0b779f';
  const consumers = '9188040d-6c67-4c5b-b112-36a304b66dad';
  const host = 'https://login.microsoftonline.com';
  const signs = (url: string, issuer: string): boolean => {
    const { issuer: own, alsoFrom } = azure.define({ ...place, url }).idTokens!;
    return issuer === own || alsoFrom!(issuer);
  };

  it('O-07 is the tenant that was named and no other', () => {
    expect(signs(`${host}/${tenant}`, `${host}/${tenant}/v2.0`)).toBe(true);
    for (const other of [consumers, 'common', tenant.replace('6', '7')]) {
      expect(signs(`${host}/${tenant}`, `${host}/${other}/v2.0`)).toBe(false);
    }
  });

  it.each([
    ['', true, true],
    [`${host}/common`, true, true],
    [`${host}/organizations`, true, false],
    [`${host}/consumers`, false, true],
  ])('O-07 %s lets in tenants of companies: %s, accounts of one’s own: %s', (url, company, own) => {
    expect([signs(url, `${host}/${tenant}/v2.0`), signs(url, `${host}/${consumers}/v2.0`)]).toEqual([
      company,
      own,
    ]);
  });

  it.each([
    `${host}/common/v2.0`,
    `${host}/${tenant}/v2.0/`,
    `${host}/${tenant}/v1.0`,
    `${host}.evil.example/${tenant}/v2.0`,
    `https://login.microsoftonlineXcom/${tenant}/v2.0`,
    `http://login.microsoftonline.com/${tenant}/v2.0`,
    `${host}/${tenant}@evil.example/v2.0`,
    `${host}/../${tenant}/v2.0`,
    `https://evil.example/?${host}/${tenant}/v2.0`,
    `${host}/${tenant}/v2.0\n`,
  ])('O-07 an issuer like %j is nobody', (issuer) => expect(signs('', issuer)).toBe(false));
});
