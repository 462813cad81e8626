import type { IdpChoice } from '../core/ports/idps.js';
import { chooseIdp, type IdpOptions } from './choose-idp.js';
import type { IdpDefinition, IdpPlace } from './idp-definition.js';

/** A known identity provider: `google({ clientId, secret })`. */
export interface Preset {
  (options: IdpOptions): IdpChoice;
  readonly define: (place: IdpPlace) => IdpDefinition;
}

/** Makes a preset of a definition; `url` is required where it has no address of its own. */
export const preset = (
  define: Preset['define'],
  { url = 'optional' }: { readonly url?: 'required' | 'optional' } = {},
): Preset =>
  Object.assign((options: IdpOptions) => chooseIdp(options, { define, addresses: { url } }), {
    define,
  });
