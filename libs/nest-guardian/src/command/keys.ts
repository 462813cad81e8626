import { databaseFromEnvironment } from '../module/environment.js';
import { openDatabase } from '../persistence/database.js';
import { TypeormSigningKeyStore } from '../persistence/typeorm-signing-key.store.js';
import { isAsymmetric, type PublicAlgorithm } from '../tokens/algorithms.js';
import { makeJwk, rotation, withRoles } from '../tokens/kept-keys.js';
import type { TokenOptions } from '../tokens/token.options.js';

export function generateKey(alg = 'ES256'): void {
  console.log(JSON.stringify(makeJwk(requireAlgorithm(alg))));
}

export async function rotateKeys(alg?: string): Promise<void> {
  const algorithm = alg === undefined ? undefined : requireAlgorithm(alg);
  const rotate = (store: TypeormSigningKeyStore) =>
    store.change((kept) => rotation(kept, new Date(), algorithm));
  const keys = await withStore(rotate, { signWith: 'kept' });
  const [newest] = withRoles(keys, new Date());
  if (newest === undefined) return;
  console.log(`Key ${newest.kid} (${newest.algorithm}) signs from ${newest.signsFrom.toISOString()}.`);
  if (process.env.GUARDIAN_TOKENS_SIGN_WITH !== 'kept') {
    console.log('Nothing signs with kept keys until GUARDIAN_TOKENS_SIGN_WITH is kept.');
  }
}

export async function listKeys(): Promise<void> {
  const keys = withRoles(await withStore((store) => store.all()), new Date());
  if (keys.length === 0) return console.log('No key is kept in the database.');
  for (const { kid, algorithm, role, signsFrom } of keys) {
    console.log(`${kid}  ${algorithm.padEnd(5)}  ${role.padEnd(8)}  signs from ${signsFrom.toISOString()}`);
  }
}

function requireAlgorithm(name: string): PublicAlgorithm {
  if (isAsymmetric(name)) return name;
  throw new TypeError('--alg must be ES256, ES512, EdDSA, RS256 or RS512');
}

async function withStore<T>(
  work: (store: TypeormSigningKeyStore) => Promise<T>,
  tokens: TokenOptions = {},
): Promise<T> {
  const { database, migrations, encryption } = databaseFromEnvironment(process.env, tokens);
  const { dataSource, close } = await openDatabase(database, migrations);
  try {
    return await work(new TypeormSigningKeyStore(dataSource, encryption));
  } finally {
    await close();
  }
}
