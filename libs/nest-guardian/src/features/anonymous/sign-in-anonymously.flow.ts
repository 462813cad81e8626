import { randomUUID } from 'node:crypto';
import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import { issueSession, type IssueSettings } from '../../steps/issue-session.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { passwordConditions } from '../password/password.contract.js';
import type { PasswordSettings } from '../password/password.options.js';
import { requireMetadataFits } from '../user/require-metadata-fits.js';
import type { UserSettings } from '../user/user.options.js';
import { anonymousConditions, signInAnonymously as operation } from './anonymous.contract.js';
import type { AnonymousSettings } from './anonymous.options.js';

type Needs = Pick<LocalNeeds, 'users' | 'sessions' | 'tokens' | 'clock' | 'caller'> & {
  readonly settings: IssueSettings & {
    readonly anonymous: AnonymousSettings;
    readonly password: PasswordSettings;
    readonly user: UserSettings;
  };
};

export const signInAnonymously: Flow<typeof operation, Needs> = async ({ data = {} }, needs) => {
  const { anonymous, password } = needs.settings;
  if (!anonymous.enabled) deny(anonymousConditions.anonymousDisabled);
  if (!password.allowSignup) deny(passwordConditions.signupDisabled);
  requireMetadataFits(data, needs.settings.user);
  const user = await needs.users.insert({
    id: randomUUID(),
    at: needs.clock.now(),
    email: null,
    phone: null,
    passwordHash: null,
    audience: needs.tokens.settings.audience,
    role: needs.tokens.settings.role,
    appMetadata: {},
    userMetadata: data,
    isAnonymous: true,
  });
  if (user === null) throw new Error('A random id was taken');
  return issueSession(user, { method: 'anonymous' }, needs);
};
