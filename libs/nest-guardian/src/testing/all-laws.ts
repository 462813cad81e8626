import { anonymousConformance } from '../features/anonymous/anonymous.conformance.js';
import { signInConformance } from '../features/password/sign-in.conformance.js';
import { signUpConformance } from '../features/password/sign-up.conformance.js';
import { refreshConformance } from '../features/session/refresh.conformance.js';
import { signOutConformance } from '../features/session/sign-out.conformance.js';
import { settingsConformance } from '../features/settings/settings.conformance.js';
import { bearerConformance } from '../features/user/bearer.conformance.js';
import { requestBodyConformance } from '../features/user/request-body.conformance.js';
import { userConformance } from '../features/user/user.conformance.js';
import type { Conformance } from './conformance.js';

/** The laws of every feature. A new one is a file beside its feature and a line here. */
export const allLaws: readonly Conformance[] = [
  settingsConformance,
  signUpConformance,
  signInConformance,
  anonymousConformance,
  refreshConformance,
  signOutConformance,
  userConformance,
  bearerConformance,
  requestBodyConformance,
];
