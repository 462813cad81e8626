import type { IdpChoice } from '../core/ports/idps.js';
import { chooseIdp, type IdpKind, type IdpOptions } from './choose-idp.js';
import type { IdpDefinition, IdpPlace } from './idp-definition.js';

/** A known identity provider: `google({ clientId, secret })`. */
export interface Preset {
  (options: IdpOptions): IdpChoice;
  readonly define: (place: IdpPlace) => IdpDefinition;
  /** Whether `url` is one of its options. */
  readonly hasUrl: boolean;
}

interface PresetNeeds {
  /** `required` where it has no address of its own, `fixed` where nobody else can run one. */
  readonly url?: 'required' | 'optional' | 'fixed';
}

/** Makes a preset of a definition. */
export function preset(define: Preset['define'], { url = 'optional' }: PresetNeeds = {}): Preset {
  const addresses: IdpKind['addresses'] = url === 'fixed' ? {} : { url };
  return Object.assign((options: IdpOptions) => chooseIdp(options, { define, addresses }), {
    define,
    hasUrl: url !== 'fixed',
  });
}
