import type { IdpChoice } from '../core/ports/idps.js';
import type { IdpDefinition, IdpPlace } from './idp-definition.js';
import { chooseIdp, type IdpOptions } from './choose-idp.js';

/** A known identity provider: `google({ clientId, secret })`. */
export interface Preset {
  (options: IdpOptions): IdpChoice;
  readonly define: (place: IdpPlace) => IdpDefinition;
}

interface PresetNeeds {
  /** Whether it has no address of its own, so that the operator has to say one. */
  readonly url?: 'required';
}

/** Makes a preset of a definition. */
export const preset = (define: Preset['define'], needs: PresetNeeds = {}): Preset =>
  Object.assign((options: IdpOptions) => chooseIdp(options, { define, needsUrl: needs.url === 'required' }), {
    define,
  });
