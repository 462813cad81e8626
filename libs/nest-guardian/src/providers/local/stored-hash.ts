/** A password hash as a row holds it, once it is known to be one that can be computed in reasonable time. */
export interface StoredHash {
  readonly kind: 'argon2' | 'bcrypt';
  /** Whether it was made the way hashes are made today, or a dearer one. */
  readonly isCurrent: boolean;
}

// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
export const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Nobody's hash is longer; what is, was not made by a hash function. */
const longest = 512;

// GoTrue: what may be imported (contract 9.1); version 19 alone, without key id and associated data.
const limits = { memoryCost: 1_048_576, timeCost: 20, parallelism: 16 } as const;
/** Memory times passes, in KiB: about a second on a slow core. */
const dearest = 2 * 1_048_576;
const argon2Form =
  /^\$argon2(id?)\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{11,}$/;

/** About a second on a slow core. */
const dearestBcrypt = 14;
const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/**
 * Reads what a row holds; null for what is no hash that can be verified here, or one that would cost more than
 * a request may: whoever can write a row shall not be able to stop the server with it.
 */
export function readStoredHash(text: string): StoredHash | null {
  if (text.length > longest) return null;
  const argon2 = argon2Form.exec(text);
  if (argon2 !== null) return judgeArgon2(argon2[1] as string, argon2.slice(2).map(Number));
  const bcrypt = bcryptForm.exec(text);
  const rounds = Number(bcrypt?.[1]);
  return rounds >= 4 && rounds <= dearestBcrypt ? { kind: 'bcrypt', isCurrent: false } : null;
}

function judgeArgon2(variant: string, numbers: readonly number[]): StoredHash | null {
  const [memoryCost, timeCost, parallelism] = numbers as [number, number, number];
  const isPossible = timeCost >= 1 && parallelism >= 1 && memoryCost >= 8 * parallelism;
  const isAllowed =
    memoryCost <= limits.memoryCost && timeCost <= limits.timeCost && parallelism <= limits.parallelism;
  if (!isPossible || !isAllowed || memoryCost * timeCost > dearest) return null;
  const isCurrent = variant === 'id' && memoryCost >= cost.memoryCost && timeCost >= cost.timeCost;
  return { kind: 'argon2', isCurrent };
}
