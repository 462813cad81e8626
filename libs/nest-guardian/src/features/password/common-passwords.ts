import { brotliDecompressSync } from 'node:zlib';
import { packedCommonPasswords } from './common-passwords.printed.js';

let unpacked: ReadonlySet<string> | undefined;

/** Whether the password is among the few thousand that everybody tries first, in whatever case. */
export function isCommonPassword(password: string): boolean {
  unpacked ??= new Set(
    brotliDecompressSync(Buffer.from(packedCommonPasswords, 'base64')).toString().split('\n'),
  );
  return unpacked.has(password.toLowerCase());
}
