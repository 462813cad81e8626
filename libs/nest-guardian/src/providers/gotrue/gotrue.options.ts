import { defaultAdminRoles } from '../../core/auth-provider.js';
import { clientShape, missingUrl } from '../../client/client-options.js';
import {
  duration,
  choice,
  flag,
  type OptionMistake,
  readOptions,
  type Settings,
  text,
  texts,
} from '../../core/option.js';
import { KeyRing } from '../../tokens/key-ring.js';
import type { KeySet } from '../../tokens/key-set.js';

/** How access tokens are verified; `auto` looks at what the server publishes. */
export type VerificationChoice = 'auto' | 'keys' | 'secret' | 'remote';

export interface GoTrueOptions {
  /** Where the server's routes begin, e.g. `http://gotrue:9999` or `https://project.supabase.co/auth/v1`. */
  readonly url: string;
  /** Sent as `apikey`, for the gateway in front of the server. */
  readonly apiKey?: string;
  /** The token with which the application itself asks what needs an administrator. */
  readonly serviceRoleKey?: string;
  /** The secret that the server signs with, if it signs with one (`GOTRUE_JWT_SECRET`). */
  readonly jwtSecret?: string;
  /**
   * `keys` takes the keys that the server publishes, `secret` the shared secret, `remote` asks `GET /user`.
   * `auto` takes the first of these that there is; it looks once, so restart when the server changes its ways.
   * @default 'auto'
   */
  readonly verification?: VerificationChoice;
  /** The `iss` that tokens must have. Not looked at when left out. */
  readonly issuer?: string;
  /**
   * The `aud` that tokens must have; `''` for any.
   * @default 'authenticated'
   */
  readonly audience?: string;
  /**
   * Roles whose keys name no person and live for years.
   * @default ['service_role', 'supabase_admin']
   */
  readonly adminRoles?: readonly string[];
  /**
   * Whether the server is told the address of who asks, so that its limits and session rows see people.
   * @default true
   */
  readonly forwardAddress?: boolean;
  /**
   * Whether somebody who has a second factor has to have shown it on the application's own routes, save for those
   * under `@AllowAal1()`.
   * @default true
   */
  readonly requireEnrolledFactor?: boolean;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * How long a call may take, tries and answer included. Under our prefix a request ends after 10 s anyway.
   * @default '8s'
   */
  readonly timeout?: string;
  /**
   * How often a read is tried again when the network or a gateway fails. Writes are sent once.
   * @default 2
   */
  readonly retries?: number;
  /** Used instead of the global one. */
  readonly fetch?: typeof fetch;
}

/** What the options must be, and which variables set them. */
export const gotrueShape = {
  ...clientShape,
  url: { ...clientShape.url, env: 'GUARDIAN_GOTRUE_URL' },
  apiKey: { ...clientShape.apiKey, env: 'GUARDIAN_GOTRUE_KEY' },
  serviceRoleKey: { ...clientShape.serviceRoleKey, env: 'GUARDIAN_GOTRUE_SERVICE_ROLE_KEY' },
  jwtSecret: text('', 'GOTRUE_JWT_SECRET'),
  verification: choice(['auto', 'keys', 'secret', 'remote'], 'auto'),
  issuer: text('', 'GOTRUE_JWT_ISSUER'),
  audience: text('authenticated', 'GOTRUE_JWT_AUD'),
  adminRoles: texts(defaultAdminRoles, 'GOTRUE_JWT_ADMIN_ROLES'),
  forwardAddress: flag(true),
  requireEnrolledFactor: flag(true),
  // Below the deadline of a request, so that a server that hangs is a 503 and not our own 504.
  timeout: duration('8s'),
};

export type GoTrueSettings = Settings<typeof gotrueShape> & {
  /** The shared secret, imported; null when there is none. */
  readonly secretKeys: KeySet | null;
};

const path = 'provider';

/** Reads the options; every mistake is added to `mistakes`, none is thrown and none quotes a secret. */
export function readGoTrueOptions(options: GoTrueOptions, mistakes: OptionMistake[]): GoTrueSettings {
  const settings = readOptions(gotrueShape, options, { path, mistakes });
  if (options?.url === undefined) mistakes.push(missingUrl(path));
  if (settings.verification === 'secret' && (options.jwtSecret ?? '') === '') {
    const remedy = 'Give the secret of the server (GOTRUE_JWT_SECRET), or choose another verification';
    mistakes.push({ path: `${path}.jwtSecret`, reason: 'is missing', remedy });
  }
  return { ...settings, secretKeys: importSecret(settings.jwtSecret, mistakes) };
}

function importSecret(jwtSecret: string, mistakes: OptionMistake[]): KeySet | null {
  if (jwtSecret === '') return null;
  const found: OptionMistake[] = [];
  // GoTrue: tokens may carry the id of the secret (GOTRUE_JWT_KEY_ID), which nobody outside is told.
  const ring = KeyRing.from({ secret: jwtSecret, hs256FallbackForUnknownKid: true }, path, found);
  mistakes.push(...found.map((mistake) => ({ ...mistake, path: `${path}.jwtSecret` })));
  return ring.verification;
}
