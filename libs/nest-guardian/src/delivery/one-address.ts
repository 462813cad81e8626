import { MessageRefused } from '../core/ports/mailer.js';

/** One `@`, and nothing that separates, quotes or comments in a list of addresses (RFC 5322 3.4). */
const oneAddress = /^[^\s\p{Cc}@,;:<>()[\]"\\]+@[^\s\p{Cc}@,;:<>()[\]"\\]+$/u;

/** What is longer is no address (RFC 5321 4.5.3.1). */
const longest = 320;

/** Whether this is one bare address, for every server that reads it. */
export const isOneAddress = (address: string): boolean =>
  address.length <= longest &&
  oneAddress.test(address) &&
  // Characters that a server may turn into one of the above.
  oneAddress.test(address.normalize('NFKC'));

/** @throws MessageRefused */
export function requireOneAddress(address: string): string {
  if (!isOneAddress(address)) throw new MessageRefused('the recipient is not one bare address');
  return address;
}
