import type { Preset } from './preset.js';
import { github } from './presets/github.idp.js';
import { keycloak } from './presets/keycloak.idp.js';

/** The identity providers that are known by name. Adding one is a file and a line here. */
export const presets: Readonly<Record<string, Preset>> = { github, keycloak };
