import type { KnownDifference } from 'nest-guardian/testing';

const real = ['a real GoTrue server', 'delegating to a real GoTrue server'];

/** Laws that do not hold somewhere, and why. Told to people, with the same reasons, in docs/differences.md. */
export const differences: readonly KnownDifference[] = [
  {
    law: 'metadata that no access token could carry is refused, so nobody locks themselves out',
    subjects: real,
    reason: 'GoTrue takes metadata of any size',
  },
  {
    law: 'metadata that a token could not carry unambiguously is refused, so nobody locks themselves out',
    subjects: real,
    reason: 'GoTrue takes the last of two members of one name, and nests as deep as it likes',
  },
  {
    law: 'a token under an unknown key id lets nobody in, not even signed with the secret',
    subjects: real,
    reason: 'GoTrue tries an HS256 token under an unknown key id with the shared secret',
  },
];
