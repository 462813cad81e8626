/** A step of a recording that needs what is not built yet. One that passes does not belong here any more. */
export interface LaterFeature {
  readonly recording: string;
  readonly step: string;
  readonly feature: string;
}

export const laterFeatures: readonly LaterFeature[] = [
  { recording: 'closed', step: 'settings', feature: 'passkeys, SAML' },
  { recording: 'social sign-in', step: 'settings', feature: 'passkeys, SAML' },
  { recording: 'public facts', step: '/settings', feature: 'passkeys, SAML' },
  { recording: 'public facts', step: '/.well-known/openid-configuration', feature: 'OAuth server' },
  { recording: 'public facts', step: '/.well-known/oauth-authorization-server', feature: 'OAuth server' },
];
