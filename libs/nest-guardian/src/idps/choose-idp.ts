import { flag, type Option, type OptionMistake, readOptions, text, texts } from '../core/option.js';
import type { IdpChoice } from '../core/ports/idps.js';
import { IdTokens } from './id-tokens.js';
import type { IdpDefinition, IdpPlace } from './idp-definition.js';
import { OpenidIdp } from './openid-idp.js';
import { Outbound } from './outbound.js';

/** How we are known at an identity provider, and what we ask of it. */
export interface IdpClient {
  /**
   * Our name there. Of several, people are sent there under the first, and ID tokens made for any of them count, such
   * as those of a mobile application.
   */
  readonly clientId: string | readonly string[];
  /** What belongs to `clientId`. */
  readonly secret: string;
  /** Where it sends people back, if not to our own `/callback`. Without a query. */
  readonly redirectUri?: string;
  /** Asked for always, beside its own. */
  readonly scopes?: readonly string[];
  /** Whether people without a verified address may sign in all the same. @default false */
  readonly emailOptional?: boolean;
  /** Whether ID tokens may be shown without a nonce that matches, as some mobile kits make them. @default false */
  readonly skipNonceCheck?: boolean;
  /**
   * Whether it is spoken to over `http://` also where it is not on this machine. Whoever is on the way then reads the
   * secret and signs in as anybody. @default false
   */
  readonly allowInsecure?: boolean;
}

/** How a provider of a known kind is reached. */
export interface IdpOptions extends IdpClient {
  /** Where it is, for a kind that people run themselves. */
  readonly url?: string;
}

const isPlainAddress = (value: unknown): value is string =>
  typeof value === 'string' && /^https?:\/\/[^?#]+$/.test(value) && URL.canParse(value);

const plainAddress: Option<string> = {
  ...text(''),
  read: (value) => (isPlainAddress(value) ? { value } : { mustBe: 'a whole address without a query' }),
};

const oneOrMore = texts([]);

/** What the options must be. */
export const clientShape = {
  clientId: {
    ...oneOrMore,
    read: (value: unknown) => oneOrMore.read(typeof value === 'string' ? [value] : value),
  },
  secret: text(''),
  redirectUri: plainAddress,
  scopes: texts([]),
  emailOptional: flag(false),
  skipNonceCheck: flag(false),
  allowInsecure: flag(false),
} as const;

/** What is known of a provider before the operator says a word. */
export interface IdpKind {
  readonly define: (place: IdpPlace) => IdpDefinition;
  /** Its own options, each an address that the operator writes down, and whether it can be left out. */
  readonly addresses: Readonly<Record<string, 'required' | 'optional'>>;
}

/** Puts what the operator says to what is known of the provider. */
export function chooseIdp(options: IdpClient, { define, addresses }: IdpKind): IdpChoice {
  const mistakes: OptionMistake[] = [];
  const names = Object.keys(addresses);
  const shape = { ...clientShape, ...Object.fromEntries(names.map((name) => [name, plainAddress])) };
  const { clientId: clientIds, secret, ...read } = readOptions(shape, options, { path: '', mistakes });
  const ownUrls = names.map((name) => (read as Readonly<Record<string, unknown>>)[name] as string);
  const { allowInsecure } = read;
  const missing = (name: string, remedy: string) => {
    if (mistakes.every(({ path }) => path !== `.${name}`))
      mistakes.push({ path: `.${name}`, reason: 'is missing', remedy });
  };
  if (clientIds.length === 0) missing('clientId', 'Give the name under which it knows this application');
  if (secret === '') missing('secret', 'Give the secret that belongs to clientId');
  for (const [index, name] of names.entries()) {
    const url = ownUrls[index] ?? '';
    if (url === '' && addresses[name] === 'required') missing(name, 'Give the address at which it is run');
    if (url === '' || new Outbound({ ownUrls: [url], allowInsecure }).mayAsk(url)) continue;
    mistakes.push({
      path: `.${name}`,
      reason: 'is not encrypted',
      remedy: 'Give one that begins with https://',
    });
  }
  const url = names.includes('url') ? (ownUrls[names.indexOf('url')] ?? '') : '';
  const place = { clientId: clientIds[0] ?? '', secret, url: url.replace(/\/+$/, '') };
  return {
    mistakes,
    create: (name, context) => {
      const { trustsEmail, asksOpenid } = context;
      const definition = define({ ...place, trustsEmail, asksOpenid });
      const outbound = new Outbound({ ownUrls, allowInsecure });
      const rules = definition.idTokens;
      const idTokens = rules === undefined ? null : new IdTokens({ rules, outbound, ...context });
      const { clock } = context;
      return new OpenidIdp(name, { ...read, definition, idTokens, outbound, clientIds, secret, clock });
    },
  };
}
