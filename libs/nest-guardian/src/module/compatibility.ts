/**
 * Where GoTrue's behaviour and the safe one differ: `compatibility: 'gotrue'` is this list of options and
 * nothing else. What the application says itself still wins. Reasons stand in docs/differences.md.
 */
export const gotrueCompatible = {
  password: { minLength: 6, maxBytes: 72, refuseCommon: false, requireReauthentication: false },
  site: { redirectFromHeader: true, redirectFromReferrer: true, redirectToLoopback: 'always' },
  mail: {
    notifyPasswordChanged: false,
    notifyEmailChanged: false,
    notifyPhoneChanged: false,
    notifyAlreadyRegistered: false,
    smtpTls: false,
  },
  links: {
    form: 'gotrue',
    linkLifetime: '24h',
    codeLifetime: '24h',
    maxCodeAttempts: 1_000_000,
    maxCodeAttemptsPerDay: 1_000_000_000,
    uniformAnswers: false,
    pkceFromStart: true,
    allowPlainChallenge: true,
    clearUnproved: false,
  },
  oauth: {
    bindToBrowser: false,
    bindToIdp: false,
    askForOpenid: false,
    checkPresenter: false,
    spendStateAlways: false,
    forwardEverything: true,
    encryptIdpTokens: false,
    tellIdpFaults: false,
    trustEmailsFrom: [
      'apple',
      'azure',
      'facebook',
      'figma',
      'kakao',
      'notion',
      'slack_oidc',
      'workos',
      'zoom',
    ],
  },
  mfa: {
    askAlways: false,
    retireRefreshTokens: false,
    maxAttempts: 1_000_000_000,
    maxAttemptsPerHour: 1_000_000_000,
  },
  admin: { banEndsSessions: false },
  session: { acceptParentAlways: true, tolerateReuseOfV1: true, reuseInterval: '0s' },
  tokens: {
    lifetime: '1h',
    maxLifetime: '36500d',
    checkIssuer: false,
    checkAudience: false,
    requireExpiry: false,
    requireIssuedAt: false,
    hs256FallbackForUnknownKid: true,
  },
} as const;
