/**
 * Hashes and verifies passwords, off the event loop and never more at once than the cores can carry.
 * @throws overloaded (503) from either method when too many are waiting already
 */
export abstract class PasswordHasher {
  /** The password in PHC form, salted anew each time. */
  abstract hash(password: string): Promise<string>;

  /**
   * Whether the password is the one behind the hash. Takes as long for `null` (no such user, no password)
   * as for a wrong password, and is then false.
   */
  abstract verify(password: string, hash: string | null): Promise<boolean>;

  /** Whether this is a hash that `verify` could ever say yes to, and not one that costs too much. */
  abstract canVerify(hash: string): boolean;

  /** Whether the hash was made with other than today's algorithm or cost. */
  abstract isOutdated(hash: string): boolean;
}
