import type { PasswordHasher } from '../core/ports/password-hasher.js';
import { importPackage } from '../persistence/import-package.js';
import type { Bcrypt } from '../providers/local/argon2-hasher.js';

/** What hashes passwords where the application brings nothing of its own. */
export async function argon2Hasher(): Promise<PasswordHasher> {
  const load = () => import('../providers/local/argon2-hasher.js');
  const { Argon2Hasher } = await importPackage('@node-rs/argon2', load);
  return new Argon2Hasher(bcrypt);
}

/** Asked for by the first hash that another server made with it. */
async function bcrypt(): Promise<Bcrypt> {
  const { default: loaded } = await importPackage('@node-rs/bcrypt', () => import('@node-rs/bcrypt'));
  return loaded;
}
