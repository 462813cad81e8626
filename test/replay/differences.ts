/** Where our answer is not the recorded one on purpose. Told to people, with the same reasons, in docs/differences.md. */
export interface Difference {
  readonly recording: string;
  readonly step: string;
  /** The members that differ; every other one is as recorded. */
  readonly paths: readonly string[];
  readonly reason: string;
}

const signUpAnswers = {
  paths: ['body.user.confirmed_at', 'body.user.identities.0.identity_data.email_verified'],
  reason: 'the answer to a sign-up is what stands in the tables, as GET /user shows it a moment later',
} as const;

const identity = 'body.user.identities.0.identity_data';
const names = ['family_name', 'given_name', 'name'].map((claim) => `${identity}.${claim}`);

/** GoTrue shows the identity as it was before. */
const idTokenAnswers: Readonly<Record<string, readonly string[]>> = {
  right: ['body.user.confirmed_at'],
  'right, second time, other name': names,
  'the same token once': names,
  nonce: [
    'custom_claims',
    'full_name',
    'provider_id',
    'aud',
    'exp',
    'iat',
    'given_name',
    'family_name',
    'preferred_username',
  ].map((claim) => `${identity}.${claim}`),
  'audience is a list': [`${identity}.aud`],
  'access token matches at_hash': [`${identity}.aud`],
  link: ['body.user.identities'],
  'anonymous links': ['body.user.identities', 'body.user.confirmed_at'],
};

/** Where a fragment tells a colon or a comma. */
const encodedTwice = [
  ['linking identities', 'the owner of that address: callback'],
  ['social refusals', 'made-up code: callback'],
  ['social refusals', 'provider answers 500 for the code: callback'],
  ['social refusals', 'provider hangs up: callback'],
  ['social refusals', 'unverified e-mail, at once again: callback'],
] as const;

export const differences: readonly Difference[] = [
  { recording: 'password', step: 'sign up', ...signUpAnswers },
  { recording: 'refresh v2', step: 'sign up', ...signUpAnswers },
  { recording: 'refresh v1', step: 'sign up', ...signUpAnswers },
  { recording: 'asymmetric', step: 'sign up', ...signUpAnswers },
  { recording: 'totp', step: 'sign up', ...signUpAnswers },
  { recording: 'sign-up refusals', step: 'unknown keys are dropped', ...signUpAnswers },
  {
    recording: 'anonymous',
    step: 'becomes somebody',
    paths: ['body.confirmed_at'],
    reason: signUpAnswers.reason,
  },
  { recording: 'recover', step: 'create', paths: ['body.confirmed_at'], reason: signUpAnswers.reason },
  ...['create', 'create with a hash'].map((step) => ({
    recording: 'admin users',
    step,
    paths: ['body.confirmed_at'],
    reason: signUpAnswers.reason,
  })),
  {
    recording: 'admin users',
    step: 'create, bad hash',
    paths: ['status', 'body.code', 'body.message'],
    reason: 'a mistake of the caller is no failure of the server',
  },
  {
    recording: 'admin users',
    step: 'update',
    paths: ['body.identities.0.identity_data.email', 'body.identities.0.email'],
    reason: signUpAnswers.reason,
  },
  {
    recording: 'admin users',
    step: 'get the soft deleted',
    paths: [
      'body.email',
      'body.phone',
      'body.new_email',
      'body.new_phone',
      'body.identities.0.id',
      'body.identities.1.id',
    ],
    reason: 'what is left of a deleted person is hashed with their own id',
  },
  { recording: 'id token', step: 'create bob', paths: ['body.confirmed_at'], reason: signUpAnswers.reason },
  ...['ann', 'bob', 'carl', 'dora', 'emil', 'gone'].map((person) => ({
    recording: 'linking identities',
    step: `create ${person}`,
    paths: ['body.confirmed_at'],
    reason: signUpAnswers.reason,
  })),
  ...Object.entries(idTokenAnswers).map(([step, paths]) => ({
    recording: 'id token',
    step,
    paths,
    reason: 'the answer to an ID token is what stands in the tables, as GET /user shows it a moment later',
  })),
  ...encodedTwice.map(([recording, step]) => ({
    recording,
    step,
    paths: ['location', 'body'],
    reason: 'what is encoded once too often is read with its percent signs',
  })),
  {
    recording: 'social sign-in',
    step: 'redirect_to with a query: callback',
    paths: ['location', 'body'],
    reason: 'an address with a space in it is none',
  },
  ...[
    { step: 'follow', paths: ['jwt#16 claims.is_anonymous'] },
    { step: 'user, confirmed', paths: ['body.is_anonymous'] },
  ].map(({ step, paths }) => ({
    recording: 'linking identities',
    step: `anonymous links an unverified address: ${step}`,
    paths,
    reason: 'whoever links an identity anonymously and confirms its address by mail is anonymous no more',
  })),
  {
    recording: 'linking identities',
    step: 'the account goes away meanwhile: callback',
    paths: ['status', 'content-type', 'x-supabase-api-version', 'body'],
    reason: 'a person reads it in a browser',
  },
  {
    recording: 'generate link',
    step: 'email change, new',
    paths: ['body.hashed_token'],
    reason: 'hashed_token is what the link carries, so that it can be redeemed',
  },
  {
    recording: 'public facts',
    step: '/health',
    paths: ['body.name', 'body.description'],
    reason: 'the server says who it is',
  },
  {
    recording: 'asymmetric',
    step: 'keys',
    paths: ['body.keys.0.x', 'body.keys.0.y'],
    reason: 'every server has a key of its own',
  },
];
