import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import {
  flag,
  type Given,
  type Option,
  type OptionMistake,
  type OptionsAt,
  readOptions,
  text,
} from '../core/option.js';
import { decodeBase64url } from './base64url.js';
import { isKeyId } from './token-key.js';

const algorithm = 'aes-gcm-hkdf';
const keyLength = 32;
const nonceLength = 12;
const tagLength = 16;

type Keys = Readonly<Record<string, string>>;

const keysByName: Option<Keys> & { readonly fromText: (said: string) => Keys } = {
  default: {},
  env: 'GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS',
  fromText: (said) =>
    Object.fromEntries(
      said.split(',').map((pair) => {
        const [, name = '', key = ''] = /^(?:([^:]*):)?(.*)$/s.exec(pair.trim()) ?? [];
        return [name, key];
      }),
    ),
  read: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { value: value as Keys }
      : { mustBe: 'keys by name' },
};

/** How single values of rows are encrypted: keys of refresh tokens. Without keys, they are not. */
export const encryptionOptions = {
  /** Whether values are encrypted from now on. What is encrypted already is read in either case. */
  encrypt: flag(true, 'GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPT'),
  /** The name of the key that encrypts. */
  keyId: text('', 'GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY_ID'),
  /** 32 bytes in base64url each, by name: the one that encrypts, and older ones that still decrypt. */
  keys: keysByName,
} as const;

export type EncryptionOptions = Given<typeof encryptionOptions>;

/** Whether values are encrypted from now on. */
export const encrypts = (given: EncryptionOptions | undefined): boolean =>
  given !== undefined && given.encrypt !== false;

interface Sealed {
  readonly key_id: string;
  readonly alg: string;
  readonly data: string;
  readonly nonce: string;
}

/**
 * Encrypts single values of a row in GoTrue's own form. Each is bound to the id of its row: moved to another
 * row it does not open. Without a key, values stay as they are.
 */
export class ColumnEncryption {
  /** Leaves values as they are. */
  static readonly none = new ColumnEncryption(null);

  /** For what no GoTrue server reads. @default this one */
  readonly forOurselves: ColumnEncryption;
  readonly #keyId: string | null;
  readonly #keys = new Map<string, Buffer>();

  private constructor(keyId: string | null, forOurselves?: ColumnEncryption) {
    this.#keyId = keyId;
    this.forOurselves = forOurselves ?? this;
  }

  /** Adds what is wrong to the mistakes; throws nothing. */
  static from(given: EncryptionOptions | undefined, at: OptionsAt): ColumnEncryption {
    const { encrypt, keyId, keys } = readOptions(encryptionOptions, given, at);
    const isOn = given !== undefined && encrypt;
    const encryption = new ColumnEncryption(isOn ? keyId : null);
    const { path, mistakes } = at;
    for (const [name, encoded] of Object.entries(keys)) {
      const key = typeof encoded === 'string' ? decodeBase64url(encoded) : null;
      if (key?.length === keyLength && isKeyId(name)) encryption.#keys.set(name, key);
      else mistakes.push(malformedKey(`${path}.keys${isUnlikeKey(name) ? `.${name}` : ''}`));
    }
    if (isOn && !Object.hasOwn(keys, keyId)) {
      mistakes.push({
        path: `${path}.keyId`,
        reason: 'names none of the keys',
        remedy: 'Add that key to keys, or set encrypt to false',
      });
    }
    return encryption;
  }

  /** The same, and where it has no key of its own, this one for what only we read. */
  withKeyForOurselves(key: Buffer): ColumnEncryption {
    if (this.#keyId !== null) return this;
    const own = new ColumnEncryption('derived');
    for (const [name, known] of [...this.#keys, ['derived', key] as const]) own.#keys.set(name, known);
    const both = new ColumnEncryption(null, own);
    for (const [name, known] of this.#keys) both.#keys.set(name, known);
    return both;
  }

  /** @param rowId the id of the row that will hold the value, as text */
  seal(rowId: string, plain: string): string {
    if (this.#keyId === null) return plain;
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', this.#rowKey(this.#keyId, rowId), nonce);
    const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    const sealed: Sealed = {
      key_id: this.#keyId,
      alg: algorithm,
      data: data.toString('base64'),
      nonce: nonce.toString('base64'),
    };
    return JSON.stringify(sealed);
  }

  /**
   * What `seal` was given; a value that is not encrypted is returned as it is.
   * @throws when the key is missing or the value was altered or moved, which no client can cause
   */
  open(rowId: string, stored: string): string {
    const sealed = readSealed(stored);
    if (sealed === null) return stored;
    const data = Buffer.from(sealed.data, 'base64');
    const nonce = Buffer.from(sealed.nonce, 'base64');
    const key = this.#rowKey(sealed.key_id, rowId);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
    decipher.setAuthTag(data.subarray(-tagLength));
    return decipher.update(data.subarray(0, -tagLength), undefined, 'utf8') + decipher.final('utf8');
  }

  /** Whether the value should be sealed anew: it is not encrypted though there is a key, or with an older one. */
  isStale(stored: string): boolean {
    return this.#keyId !== null && readSealed(stored)?.key_id !== this.#keyId;
  }

  /** GoTrue: a key of its own for every row, so that no nonce is ever used twice under one key. */
  #rowKey(keyId: string, rowId: string): Buffer {
    const key = this.#keys.get(keyId);
    if (!key) throw new Error(`The column encryption key ${keyId} is not configured`);
    return Buffer.from(hkdfSync('sha256', key, '', rowId, keyLength));
  }
}

/** A key may have been written where its name belongs, and is not to be repeated then. */
const isUnlikeKey = (name: string): boolean => isKeyId(name) && name.length < keyLength;

const malformedKey = (path: string): OptionMistake => ({
  path,
  reason: 'is not a name and base64url of 32 bytes',
  remedy: 'Make one with: openssl rand -base64 32 | tr +/ -_ | tr -d =',
});

function readSealed(stored: string): Sealed | null {
  if (!stored.startsWith('{')) return null;
  try {
    const { key_id, alg, data, nonce } = JSON.parse(stored) as Sealed;
    const isWhole = typeof key_id === 'string' && alg === algorithm && isBase64(data) && isBase64(nonce);
    return isWhole && Buffer.from(nonce, 'base64').length === nonceLength
      ? { key_id, alg, data, nonce }
      : null;
  } catch {
    // GoTrue: what does not parse is a value that was never encrypted.
    return null;
  }
}

const isBase64 = (text: unknown): text is string =>
  typeof text === 'string' && text !== '' && Buffer.from(text, 'base64').toString('base64') === text;
