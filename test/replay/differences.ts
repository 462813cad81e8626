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
