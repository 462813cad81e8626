import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import type { PasswordSettings } from '../password/password.options.js';
import type * as contract from './settings.contract.js';

/** GoTrue: these names, whatever else is configured (contract 2.19). */
const externalNames = (
  'anonymous_users apple azure bitbucket discord facebook snapchat figma fly github gitlab google keycloak kakao ' +
  'linkedin linkedin_oidc notion spotify slack slack_oidc workos twitch twitter phone zoom'
).split(' ');

type SettingsNeeds = { readonly settings: { readonly password: PasswordSettings } };

export const getSettings: Flow<typeof contract.getSettings, SettingsNeeds> = async (_, { settings }) => ({
  external: {
    ...Object.fromEntries(externalNames.map((name) => [name, false])),
    email: settings.password.enabled,
  },
  disable_signup: !settings.password.allowSignup,
  mailer_autoconfirm: settings.password.autoconfirm,
  phone_autoconfirm: false,
  sms_provider: '',
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
