import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import type { AnonymousSettings } from '../anonymous/anonymous.options.js';
import type { PasswordSettings } from '../password/password.options.js';
import type { PhoneSettings } from '../phone/phone.options.js';
import type * as contract from './settings.contract.js';

/** GoTrue: these names, whatever else is configured (contract 2.19). */
const externalNames = (
  'apple azure bitbucket discord facebook snapchat figma fly github gitlab google keycloak kakao ' +
  'linkedin linkedin_oidc notion spotify slack slack_oidc workos twitch twitter phone zoom'
).split(' ');

type SettingsNeeds = Pick<LocalNeeds, 'idps'> & {
  readonly settings: {
    readonly password: PasswordSettings;
    readonly anonymous: AnonymousSettings;
    readonly phone: PhoneSettings;
  };
};

export const getSettings: Flow<typeof contract.getSettings, SettingsNeeds> = async (
  _,
  { settings, idps },
) => ({
  external: {
    ...Object.fromEntries(externalNames.map((name) => [name, false])),
    // GoTrue: `x` is never listed. Here whatever is switched on is, so that a page can show a button for each.
    ...Object.fromEntries(idps.names.map((name) => [name, true])),
    anonymous_users: settings.anonymous.enabled,
    email: settings.password.enabled,
    phone: settings.phone.enabled,
  },
  disable_signup: !settings.password.allowSignup,
  mailer_autoconfirm: settings.password.autoconfirm,
  phone_autoconfirm: settings.phone.autoconfirm,
  sms_provider: settings.phone.service,
  saml_enabled: false,
  saml_private_key_next_configured: false,
  passkeys_enabled: false,
});

export const getHealth: Flow<typeof contract.getHealth, Pick<LocalNeeds, 'ping'>> = async (_, { ping }) => {
  await ping();
  return {
    version: '',
    name: 'nest-guardian',
    description: 'Accounts and sessions, speaking the GoTrue API',
  };
};

export const getJwks: Flow<typeof contract.getJwks, Pick<LocalNeeds, 'tokens'>> = async (_, { tokens }) =>
  tokens.publicJwks();

const claims =
  'sub aud iss exp iat auth_time nonce email email_verified phone_number phone_number_verified name picture ' +
  'preferred_username updated_at';

/** GoTrue: the issuer is taken for the address of the API, and its OAuth server is described on or off. */
export const getOpenidConfiguration: Flow<
  typeof contract.getOpenidConfiguration,
  Pick<LocalNeeds, 'tokens'>
> = async (_, { tokens }) => {
  const { issuer } = tokens.settings;
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    scopes_supported: ['openid', 'profile', 'email', 'phone', 'offline_access'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'ES256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    claims_supported: claims.split(' '),
    code_challenge_methods_supported: ['S256', 'plain'],
  };
};
