import { describe, expect, it } from '@jest/globals';
import { challengeOn, rememberWanted } from './challenge.js';

const problem = {
  status: 401,
  code: 'token_invalid',
  members: {},
  challenge: 'Bearer error="invalid_token"',
};
const onDevices = {};
rememberWanted(onDevices, { profile: { name: 'devices' }, permissions: { all: ['a:b', 'a:c'] } });

describe('the challenge of a profile', () => {
  it('names the profile, and nothing else to who showed no token', () => {
    expect(challengeOn(onDevices, { ...problem, challenge: 'Bearer' })).toBe('Bearer realm="devices"');
    expect(challengeOn(onDevices, problem)).toBe('Bearer realm="devices", error="invalid_token"');
  });

  it('says which permissions are needed where they are missing', () => {
    const missing = { ...problem, status: 403, challenge: 'Bearer error="insufficient_scope"' };
    expect(challengeOn(onDevices, missing)).toBe(
      'Bearer realm="devices", error="insufficient_scope", scope="a:b a:c"',
    );
    const onAnyOf = {};
    rememberWanted(onAnyOf, { profile: { name: 'devices' }, permissions: { any: ['a:b'] } });
    expect(challengeOn(onAnyOf, missing)).toBe('Bearer realm="devices", error="insufficient_scope"');
  });

  it('has no description that would break out of its quotes or its header', () => {
    for (const detail of ['x", scope="all', 'back\\slash', 'two\r\nlines', 'naïve', ['a', 'list'], undefined])
      expect(challengeOn(onDevices, { ...problem, detail })).toBe(
        'Bearer realm="devices", error="invalid_token"',
      );
  });

  it('is not there where nothing is refused for a token, nor on routes of people', () => {
    expect(challengeOn(onDevices, { ...problem, challenge: undefined })).toBeUndefined();
    expect(challengeOn({}, { ...problem, detail: 'words' })).toBe(problem.challenge);
  });
});
