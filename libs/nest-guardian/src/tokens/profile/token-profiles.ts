import type { TokenProfile } from './token-profile.js';

/** The profiles of an application, by name. */
export class TokenProfiles {
  readonly #profiles: ReadonlyMap<string, TokenProfile>;

  constructor(profiles: readonly TokenProfile[]) {
    this.#profiles = new Map(profiles.map((profile) => [profile.name, profile]));
  }

  find(name: string): TokenProfile | undefined {
    return this.#profiles.get(name);
  }

  /** @throws TypeError for a profile that is not registered */
  require(name: string): TokenProfile {
    const found = this.#profiles.get(name);
    if (found) return found;
    throw new TypeError(`No profile ${name} is given to AuthModule.forRoot({ profiles: [...] })`);
  }

  /** Finds the hooks of all of them, so that one which cannot be made is told at boot. */
  async prepare(): Promise<void> {
    for (const profile of this.#profiles.values()) await profile.prepare();
  }

  /** Sessions of people have ended. */
  forgetSessions(sessionIds: readonly string[] | 'all'): void {
    for (const profile of this.#profiles.values()) profile.forgetSessions(sessionIds);
  }
}
