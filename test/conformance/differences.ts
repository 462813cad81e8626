import { allLaws, type KnownDifference } from 'nest-guardian/testing';

const real = ['a real GoTrue server', 'delegating to a real GoTrue server'];

const compatible = ['compatible on PGlite, Express'];

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
    subjects: [...real, ...compatible],
    reason: 'GoTrue tries an HS256 token under an unknown key id with the shared secret',
  },
  {
    law: 'F-03 the token before the newest ends its session once the interval is over',
    subjects: compatible,
    reason: 'The refresh token before the newest is good within the reuse interval only, GoTrue: always',
  },
  ...[
    'A-04 who signs up does not learn whether the address is known, nor by asking twice',
    'A-05 who asks for a sign-in link for nobody new does not learn whether the address is known, nor by asking twice',
    'A-05 who asks for a new password does not learn whether the address is known, nor by asking twice',
  ].map((law) => ({
    law,
    subjects: compatible,
    reason: 'in GoTrue a 429, `otp_disabled` and the clock tell known addresses from unknown ones',
  })),
  {
    law: 'A-06 who asks for an address does not learn whether it is in use, nor by asking twice or looking again',
    subjects: compatible,
    reason: 'GoTrue tells everybody who signs in which addresses are in use',
  },
  ...[
    'A-31 a link for a new password is good for that alone',
    'A-31 a link for signing in is good for that alone',
  ].map((law) => ({
    law,
    subjects: compatible,
    reason:
      'GoTrue keeps what recovers a password and what signs in in one place, and takes one for the other',
  })),
  {
    law: 'P-01 a password that was set before the address was proved opens nothing once a sign-in link proved it',
    subjects: compatible,
    reason:
      'a password that somebody else has set before the owner of the address came goes on opening the account',
  },
  ...[
    'O-10 a browser that was not sent away is not let in, and neither is the one that was, with what it brought',
    'what marks the browser is for its own requests alone, and no script reads it',
    'O-02 a link that somebody began in their browser is not ended in that of another, not even with a verifier',
  ].map((law) => ({
    law,
    subjects: compatible,
    reason: "In GoTrue whoever opens another's link is signed in as that other, or gives them their identity",
  })),
  {
    law: 'O-01 a state is good once even where nothing came of it',
    subjects: compatible,
    reason: 'GoTrue keeps that of a failed callback',
  },
  ...(allLaws.find(({ feature }) => feature === 'own sessions')?.laws ?? []).map(({ name }) => ({
    law: name,
    subjects: real,
    reason: 'An addition: GoTrue does not show people their sessions',
  })),
  {
    law: 'M-03 a code is accepted once',
    subjects: real,
    reason: 'GoTrue takes the code of an authenticator application as often as it is shown in its time',
  },
  {
    law: 'M-04 the sixth wrong code in a row is not looked at, and neither is a right one then',
    subjects: compatible,
    reason: 'GoTrue counts requests by address, and a million codes are soon tried from many',
  },
  {
    law: 'M-10 a recovery code stands in for a factor once',
    subjects: real,
    reason: 'GoTrue 2.196 has no recovery codes',
  },
  {
    law: 'an administrator shows and ends the sessions of somebody',
    subjects: real,
    reason: 'An addition: GoTrue shows nobody the sessions of people, and answers 404',
  },
  {
    law: 'an address that somebody has is given to nobody else',
    subjects: real,
    reason: 'A mistake of the caller is no failure of the server',
  },
];
