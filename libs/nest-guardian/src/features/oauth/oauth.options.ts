import { flag, type Option, type OptionMistake, type Settings, text, texts } from '../../core/option.js';
import type { IdpChoice } from '../../core/ports/idps.js';
import { type EncryptionOptions, encrypts } from '../../tokens/column-encryption.js';

type Choices = Readonly<Record<string, IdpChoice>>;

/** GoTrue: names are told apart without their case, `custom:` begins names of its own. */
const nameForm = /^[a-z0-9][a-z0-9_:.-]{0,63}$/;

/** What identities of another kind are kept under: of one's own here they could not be told apart. */
const taken = new Set(['email', 'phone', 'anonymous_users', 'web3']);

const isName = (name: string): boolean => nameForm.test(name) && !taken.has(name) && !name.startsWith('sso:');

const isChoice = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'create' in value && 'mistakes' in value;

const choices: Option<Choices> = {
  default: {},
  read: (value) => {
    const isRead = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isRead && Object.entries(value).every(([name, one]) => isName(name) && isChoice(one))
      ? { value: value as Choices }
      : { mustBe: 'identity providers by names in lower case: `{ google: google({ clientId, secret }) }`' };
  },
};

/** The options of signing in with identity providers. */
export const oauthOptions = {
  /**
   * The identity providers that people may sign in with, by the names under which clients ask for them and identities
   * are kept: `{ google: google({ clientId, secret }) }`. See [identity providers](identity-providers.md).
   */
  idps: choices,
  /**
   * Whose ID tokens count besides, for whatever `client_id` a client names with them. That says nothing of the
   * application that they were made for: anybody can have a client at a big provider.
   */
  allowedIdTokenIssuers: texts([], 'GOTRUE_EXTERNAL_ALLOWED_ID_TOKEN_ISSUERS'),
  /**
   * Whether whoever asked for an ID token (its `azp`) has to be one of the provider's `clientId`s too, not only whom it
   * was made for. A mobile application has a client of its own: name it there. GoTrue: anybody.
   */
  checkPresenter: flag(true),
  /**
   * Identity providers, by name, whose addresses count as verified although they do not say that they are. An account
   * is opened to whoever they give its address for, so each must be known to give nobody an address of somebody else's.
   * GoTrue trusts nine of its own. See [identity providers](identity-providers.md#addresses).
   */
  trustEmailsFrom: texts([]),
  /**
   * Where people end up after signing in, whatever was asked for. Empty: where the application asks for, if it may.
   */
  redirectUrl: text('', 'GOTRUE_EXTERNAL_REDIRECTURL'),
  /**
   * Whether only the browser that left for an identity provider may come back from there, which it shows by a cookie.
   * Who signs in with PKCE needs none, and who adds a way in without one is asked on a page. GoTrue: any browser may, so that one can be signed in as somebody else, or give
   * somebody else its identity.
   */
  bindToBrowser: flag(true),
  /** Whether identity providers bind their code to us (PKCE) and their ID token to the way back (a nonce). GoTrue: no. */
  bindToIdp: flag(true),
  /**
   * Whether Keycloak is always asked for `openid`: since its version 19 it does not say who came without. GoTrue: only
   * where the application asks for it among its scopes.
   */
  askForOpenid: flag(true),
  /** Whether a state is spent by the first who comes back with it, whatever comes of it. GoTrue: only by a success. */
  spendStateAlways: flag(true),
  /**
   * Whether everything in the query of `/authorize` is told to the identity provider, our own parameters, `scope` and
   * `nonce` too. Never what names client, state and where to come back to.
   */
  forwardEverything: flag(false),
  /**
   * Whether the provider's tokens are encrypted while they wait to be traded for a code, and an invitation's while somebody
   * answers it there. A GoTrue server cannot read them then.
   */
  encryptIdpTokens: flag(true),
  /**
   * Whether the provider's tokens stay here too, encrypted with the key of `encryption`, which it needs, so that the
   * application can call the provider in a person's name ([`KeptIdpTokens`](identity-providers.md#their-apis)). Otherwise
   * the client gets them, once, and nobody has them after that.
   */
  keepIdpTokens: flag(false),
  /**
   * Whether a provider that does not answer is told from one that refuses, and from one that tells no address:
   * `temporarily_unavailable`, `invalid_request` and `access_denied`. GoTrue: `server_error`, all of them.
   */
  tellIdpFaults: flag(true),
} as const;

export type OauthSettings = Settings<typeof oauthOptions>;

/** What is wrong with each identity provider's own options, and with what needs others. */
export const mistakesOfOauth = (
  { idps, keepIdpTokens }: OauthSettings,
  encryption: EncryptionOptions | undefined,
): OptionMistake[] => [
  ...Object.entries(idps).flatMap(([name, { mistakes }]) =>
    mistakes.map((mistake) => ({ ...mistake, path: `oauth.idps.${name}${mistake.path}` })),
  ),
  ...(keepIdpTokens && !encrypts(encryption) ? [keptInTheClear] : []),
];

/** They open other accounts of people. */
const keptInTheClear: OptionMistake = {
  path: 'oauth.keepIdpTokens',
  reason: 'is on, and there is no key to encrypt them with',
  remedy: 'Give a key under encryption.keys, and its name as encryption.keyId',
};
