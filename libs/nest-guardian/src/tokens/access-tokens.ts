import { createHmac, hkdfSync } from 'node:crypto';
import { readOptions, type OptionMistake, type Settings } from '../core/option.js';
import type { Clock } from '../core/ports/clock.js';
import type { CustomClaims } from '../core/ports/custom-claims.js';
import type { Principal } from '../core/principal.js';
import type { Session, User } from '../core/records.js';
import { addedClaims, requireReadable } from './added-claims.js';
import type { ClaimRules } from './claims.js';
import { KeyRing } from './key-ring.js';
import { verifyAccessToken } from './principal.js';
import { type ProfileKeys, profileKeys } from './profile/profile-keys.js';
import { type Sign, signerOf } from './signer.js';
import type { TokenKey } from './token-key.js';
import { tokenOptions, type TokenOptions } from './token.options.js';

const maxLeeway = 60_000;
const path = 'tokens';

export type TokenSettings = Settings<typeof tokenOptions>;

/** Signs access tokens and says who signed one. Keys are imported once and never leave. */
export class AccessTokens {
  readonly settings: TokenSettings;
  readonly #rules: ClaimRules;
  readonly #given: KeyRing;
  readonly #clock: Clock;
  #keys: KeyRing;
  #sign: Sign;
  #customClaims: (() => Promise<CustomClaims>) | null = null;

  private constructor(settings: TokenSettings, keys: KeyRing, clock: Clock) {
    this.settings = settings;
    this.#rules = rulesOf(settings);
    this.#given = keys;
    this.#keys = keys;
    this.#clock = clock;
    this.#sign = signerOf(keys.signing);
  }

  /** Adds what is wrong to `mistakes` and throws nothing; with mistakes, the result is not to be used. */
  static from(given: TokenOptions, mistakes: OptionMistake[], clock: Clock): AccessTokens {
    const { secret, secretKeyId, keys, ...rest } = given;
    const settings = readOptions(tokenOptions, rest, { path, mistakes });
    if (settings.leeway > maxLeeway) {
      mistakes.push({
        path: `${path}.leeway`,
        reason: 'is more than a minute',
        remedy: 'Correct the clocks instead',
      });
    }
    if (settings.lifetime < 1000 || settings.lifetime > settings.maxLifetime) {
      const remedy = 'Choose a lifetime from a second to maxLifetime';
      mistakes.push({ path: `${path}.lifetime`, reason: 'makes tokens that would be refused', remedy });
    }
    const { hs256FallbackForUnknownKid, signWith } = settings;
    const givenKeys = { secret, secretKeyId, keys, hs256FallbackForUnknownKid, signWith };
    const ring = KeyRing.from(givenKeys, path, mistakes);
    return new AccessTokens(settings, ring, clock);
  }

  /** From now on `signing` signs, and all of these verify beside those given as options. */
  keep(keys: readonly TokenKey[], signing: TokenKey): void {
    this.#keys = this.#given.with(keys, signing);
    this.#sign = signerOf(signing);
  }

  /** From now on the application adds claims to the tokens of people. */
  addClaims(source: () => Promise<CustomClaims>): void {
    this.#customClaims = source;
  }

  /**
   * Signs these claims of somebody's session, and what the application adds to them.
   * @throws what `addedClaims` throws
   */
  async signFor(
    { user, session }: { readonly user: User; readonly session: Session },
    claims: Record<string, unknown>,
  ): Promise<string> {
    if (this.#customClaims === null) return this.sign(claims);
    const added = await addedClaims(this.#customClaims, user, session);
    return requireReadable(this.sign({ ...added, ...claims }));
  }

  /** Signs these claims as they are, in their order. */
  sign(claims: Record<string, unknown>): string {
    return this.#sign(claims);
  }

  /**
   * Says who signed this token. It does not say the session is still open; ask `confirmSession` for that.
   * @throws badJwt, and nothing else
   */
  verify(token: string): Principal {
    const now = Math.floor(this.#clock.now().getTime() / 1000);
    return verifyAccessToken(token, this.#keys.verification, { rules: this.#rules, now });
  }

  /**
   * 32 bytes that only holders of the signing key can make, another 32 for every purpose (RFC 5869). What was made
   * with them is lost when that key is no longer given.
   */
  deriveKey(purpose: string): Buffer {
    const key = this.#given.signing?.signing ?? this.#keys.signing?.signing;
    if (!key) throw new TypeError('No key signs; the mistakes found in the options say why');
    const secret = key.type === 'secret' ? key.export() : key.export({ format: 'der', type: 'pkcs8' });
    return Buffer.from(hkdfSync('sha256', secret, '', `nest-guardian ${purpose}`, 32));
  }

  /** The keys of a profile of tokens that has none of its own: ours, as they change. */
  keysFor(profile: string): ProfileKeys {
    return profileKeys(() => this.#keys, profile);
  }

  /** Stands for the text where it must not be read: the same for the same text, as long as the signing key is. */
  keyedHash(text: string): string {
    return createHmac('sha256', this.deriveKey('hashes')).update(text).digest('base64url');
  }

  /** The public keys, as `/.well-known/jwks.json` shows them. */
  publicJwks(): { readonly keys: object[] } {
    return this.#keys.publicJwks();
  }
}

const rulesOf = (settings: TokenSettings): ClaimRules => ({
  issuer: settings.checkIssuer && settings.issuer !== '' ? [settings.issuer] : undefined,
  audience: settings.checkAudience ? [settings.audience] : undefined,
  leeway: settings.leeway / 1000,
  maxLifetime: settings.maxLifetime / 1000,
  adminRoles: settings.adminRoles,
  requireExpiry: settings.requireExpiry,
  requireIssuedAt: settings.requireIssuedAt,
});
