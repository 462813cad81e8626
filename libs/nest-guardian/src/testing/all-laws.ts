import { passwordConformance } from '../features/password/password.conformance.js';
import { sessionConformance } from '../features/session/session.conformance.js';
import { settingsConformance } from '../features/settings/settings.conformance.js';
import { userConformance } from '../features/user/user.conformance.js';
import type { Conformance } from './conformance.js';

/** The laws of every feature. A new one is a file beside its feature and a line here. */
export const allLaws: readonly Conformance[] = [
  settingsConformance,
  passwordConformance,
  sessionConformance,
  userConformance,
];
