import { defaultAdminRoles } from '../core/auth-provider.js';
import { choice, duration, flag, text, texts, type Given } from '../core/option.js';
import type { GivenKeys } from './key-ring.js';

/** What access tokens say and what is asked of them. The names in the environment are GoTrue's. */
export const tokenOptions = {
  /** The `iss` claim; empty leaves it out. */
  issuer: text('', 'GOTRUE_JWT_ISSUER'),
  /** The `aud` claim of people who are given no other. */
  audience: text('authenticated', 'GOTRUE_JWT_AUD'),
  /** The `role` of people who are given no other. */
  role: text('authenticated', 'GOTRUE_JWT_DEFAULT_GROUP_NAME'),
  /**
   * How long an access token opens doors. It cannot be taken back everywhere at once, so shorter is safer.
   * @default '15m'
   */
  lifetime: duration('15m', 'GOTRUE_JWT_EXP'),
  /** A token that is signed for longer than this is refused, whoever signed it. Service-role keys excepted. */
  maxLifetime: duration('7d'),
  /** How far the clocks of the signer and this process may be apart; at most a minute. */
  leeway: duration('0s'),
  /** Roles that make a token an administrator's. */
  adminRoles: texts(defaultAdminRoles, 'GOTRUE_JWT_ADMIN_ROLES'),
  /** Refuses tokens of another issuer, where `issuer` is set. GoTrue does not look. */
  checkIssuer: flag(true),
  /** Refuses tokens for another audience. GoTrue does not look. */
  checkAudience: flag(true),
  /** Refuses tokens without `exp`. GoTrue takes them, for ever. */
  requireExpiry: flag(true),
  /** Refuses tokens without `iat`. GoTrue takes them. */
  requireIssuedAt: flag(true),
  /**
   * Which key signs: `given`, one of those in these options; `kept`, the current one of those kept in the table
   * `auth.guardian_signing_keys`, made at the first start. Those in the options then only verify.
   */
  signWith: choice(['given', 'kept'], 'given'),
  /** Tries an HS256 token whose `kid` is unknown with the shared secret, as GoTrue does. */
  hs256FallbackForUnknownKid: flag(false),
};

export type TokenOptions = Given<typeof tokenOptions> & GivenKeys;
