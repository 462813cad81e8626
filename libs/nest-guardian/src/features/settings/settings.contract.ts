import { common } from '../../core/conditions.js';
import { operation } from '../../core/operation.js';

/** GoTrue's `/settings` (contract 2.19). */
export interface SettingsBody {
  readonly external: Readonly<Record<string, boolean>>;
  readonly disable_signup: boolean;
  readonly mailer_autoconfirm: boolean;
  readonly phone_autoconfirm: boolean;
  readonly sms_provider: string;
  readonly saml_enabled: boolean;
  readonly saml_private_key_next_configured: boolean;
  readonly passkeys_enabled: boolean;
}

export interface HealthBody {
  readonly version: string;
  readonly name: string;
  readonly description: string;
}

export interface JwksBody {
  readonly keys: readonly object[];
}

const open = { method: 'GET', access: 'anyone', off: common.featureDisabled } as const;

/** What is switched on, for anybody to see. Says nothing about how. */
export const getSettings = operation<Record<never, never>, SettingsBody>()({
  name: 'getSettings',
  path: '/settings',
  fits: (answer) => typeof (answer as Partial<SettingsBody>).external === 'object',
  ...open,
});

/** Says that the server is up and its database answers; a 503 when it does not. */
export const getHealth = operation<Record<never, never>, HealthBody>()({
  name: 'getHealth',
  path: '/health',
  ...open,
});

/** The public halves of the signing keys; empty where a shared secret signs. */
export const getJwks = operation<Record<never, never>, JwksBody>()({
  name: 'getJwks',
  path: '/.well-known/jwks.json',
  fits: (answer) => Array.isArray((answer as Partial<JwksBody>).keys),
  ...open,
});

/** OpenID Connect discovery; served even where this server is nobody's identity provider. */
export interface DiscoveryBody {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
  readonly userinfo_endpoint: string;
  readonly [member: string]: unknown;
}

/** OpenID Connect discovery. GoTrue serves it whether or not its OAuth server is on. */
export const getOpenidConfiguration = operation<Record<never, never>, DiscoveryBody>()({
  name: 'getOpenidConfiguration',
  path: '/.well-known/openid-configuration',
  ...open,
});
