import type { IdpChoice } from '../core/ports/idps.js';
import { flag, type Option, type OptionMistake, readOptions, text, texts } from '../core/option.js';
import type { IdpDefinition, IdpPlace } from './idp-definition.js';
import { OpenidIdp } from './openid-idp.js';

/** How we are known at an identity provider, and what we ask of it. */
export interface IdpOptions {
  /** Our name there. Of several, people are sent there under the first, and ID tokens made for any of them count. */
  readonly clientId: string | readonly string[];
  /** What belongs to `clientId`. */
  readonly secret: string;
  /** Where it is, for a provider that people run themselves. */
  readonly url?: string;
  /** Where it sends people back, if not to our own `/callback`. */
  readonly redirectUri?: string;
  /** Asked for always, beside its own. */
  readonly scopes?: readonly string[];
  /** Whether people without a verified address may sign in all the same. @default false */
  readonly emailOptional?: boolean;
  /** Whether ID tokens may be shown without a nonce that matches, as some mobile kits make them. @default false */
  readonly skipNonceCheck?: boolean;
}

const isWebAddress = (value: unknown): value is string =>
  typeof value === 'string' && URL.canParse(value) && ['https:', 'http:'].includes(new URL(value).protocol);

const webAddress: Option<string> = {
  ...text(''),
  read: (value) => (isWebAddress(value) ? { value } : { mustBe: 'an address that begins with https://' }),
};

const oneOrMore = texts([]);

/** What the options must be. */
export const idpShape = {
  clientId: { ...oneOrMore, read: (value: unknown) => oneOrMore.read(typeof value === 'string' ? [value] : value) },
  secret: text(''),
  url: webAddress,
  redirectUri: webAddress,
  scopes: texts([]),
  emailOptional: flag(false),
  skipNonceCheck: flag(false),
} as const;

/** What is fixed for a kind of provider, whoever runs it. */
export interface IdpKind {
  readonly define: (place: IdpPlace) => IdpDefinition;
  readonly needsUrl: boolean;
}

/** Puts what the operator says to what is known of the provider. */
export function chooseIdp(options: IdpOptions, { define, needsUrl }: IdpKind): IdpChoice {
  const mistakes: OptionMistake[] = [];
  const { clientId: clientIds, secret, url } = readOptions(idpShape, options, { path: '', mistakes });
  const missing = (name: string, remedy: string) => {
    if (mistakes.every(({ path }) => path !== `.${name}`))
      mistakes.push({ path: `.${name}`, reason: 'is missing', remedy });
  };
  if (clientIds.length === 0) missing('clientId', 'Give the name under which it knows this application');
  if (secret === '') missing('secret', 'Give the secret that belongs to clientId');
  if (needsUrl && url === '') missing('url', 'Give the address at which it is run');
  const place = { clientId: clientIds[0] ?? '', secret, url: url.replace(/\/+$/, '') };
  return {
    mistakes,
    create: (name, context) => {
      const definition = define({ ...place, trustsEmail: context.trustsEmail });
      return new OpenidIdp(name, { definition, clientIds, options, clock: context.clock });
    },
  };
}
