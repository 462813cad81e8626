import type { IdpChoice } from '../core/ports/idps.js';
import type { OptionMistake } from '../core/option.js';
import type { IdpDefinition, IdpPlace } from './idp-definition.js';
import { OpenidIdp } from './openid-idp.js';

/** How we are known at an identity provider, and what we ask of it. */
export interface IdpOptions {
  /** Our name there. Of several, people are sent there under the first, and ID tokens made for any of them count. */
  readonly clientId: string | readonly string[];
  readonly secret: string;
  /** Where it is, for a provider that people run themselves. */
  readonly url?: string;
  /** Where its programming interface is, if elsewhere. */
  readonly apiUrl?: string;
  /** Where it sends people back, if not to our own `/callback`. */
  readonly redirectUri?: string;
  /** Asked for always, beside its own. */
  readonly scopes?: readonly string[];
  /** Whether people without a verified address may sign in all the same. @default false */
  readonly emailOptional?: boolean;
  /** Whether ID tokens may be shown without a nonce that matches, as some mobile kits make them. @default false */
  readonly skipNonceCheck?: boolean;
}

type Mistakes = Omit<OptionMistake, 'path'>[];

/** What is fixed for a kind of provider, whoever runs it. */
export interface IdpKind {
  readonly define: (place: IdpPlace) => IdpDefinition;
  readonly needsUrl: boolean;
}

/** Puts what the operator says to what is known of the provider. */
export function chooseIdp(options: IdpOptions, { define, needsUrl }: IdpKind): IdpChoice {
  const clientIds = [options.clientId ?? []].flat().filter((id) => typeof id === 'string' && id !== '');
  const mistakes: Mistakes = [];
  if (clientIds.length === 0) {
    mistakes.push({ reason: 'has no clientId', remedy: 'Give the name under which it knows this application' });
  }
  if (typeof options.secret !== 'string' || options.secret === '') {
    mistakes.push({ reason: 'has no secret', remedy: 'Give the secret that belongs to clientId' });
  }
  mistakes.push(...mistakesOfPlaces(options, needsUrl));
  const place = {
    clientId: clientIds[0] ?? '',
    secret: options.secret ?? '',
    url: trimmed(options.url),
    apiUrl: trimmed(options.apiUrl),
  };
  return {
    mistakes,
    create: (name, context) => new OpenidIdp(name, { definition: define(place), clientIds, options, ...context }),
  };
}

const trimmed = (url: string | undefined): string => (url ?? '').replace(/\/+$/, '');

function mistakesOfPlaces(options: IdpOptions, needsUrl: boolean): Mistakes {
  const mistakes: Mistakes = [];
  const given = ['url', 'apiUrl', 'redirectUri'] as const;
  for (const name of given.filter((one) => options[one] !== undefined)) {
    if (!isWebAddress(options[name] as string)) {
      mistakes.push({ reason: `${name} cannot be read`, remedy: 'Give an address that begins with https://' });
    }
  }
  if (needsUrl && options.url === undefined) {
    mistakes.push({ reason: 'has no url', remedy: 'Give the address at which it is run' });
  }
  return mistakes;
}

const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && ['https:', 'http:'].includes(new URL(text).protocol);
