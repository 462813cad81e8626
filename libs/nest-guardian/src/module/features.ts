import type { Feature } from '../features/feature.js';
import { password } from '../features/password/password.feature.js';
import { session } from '../features/session/session.feature.js';
import { settings } from '../features/settings/settings.feature.js';
import { user } from '../features/user/user.feature.js';

/** Every feature there is. A new one is a folder under `features/` and a line here. */
export const allFeatures: readonly Feature[] = [password, session, user, settings];
