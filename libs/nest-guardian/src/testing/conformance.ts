import type { Api } from './api.js';

/**
 * How the subject is set up: addresses confirmed at once, only by mail, or nobody may sign up. `confirm by the new
 * address` is `confirm` where a change of address asks the new one alone.
 */
export type Configuration = 'open' | 'confirm' | 'confirm by the new address' | 'closed';

/** What a subject may be able to do beyond answering HTTP. */
export type Ability =
  | 'move the clock'
  | 'ban and delete'
  | 'sign tokens'
  | 'sign in anonymously'
  | 'read mail'
  | 'read texts'
  | 'sign in elsewhere';

/** A mail as the person reads it. */
export interface ReceivedMail {
  readonly subject: string;
  readonly link: string | null;
  /** Empty where it has none. */
  readonly code: string;
}

/** Somebody as an identity provider knows them; whoever has an `error` there does not get in. */
export interface IdpPerson {
  /** At `keycloak`. */
  readonly sub?: string;
  /** At `github`. */
  readonly id?: number;
  readonly email?: string;
  readonly email_verified?: boolean;
  /** The addresses at `github`. */
  readonly emails?: readonly {
    readonly email: string;
    readonly primary: boolean;
    readonly verified: boolean;
  }[];
  readonly name?: string;
  readonly preferred_username?: string;
  readonly picture?: string;
  readonly error?: string;
  readonly error_description?: string;
}

/** The identity providers `keycloak` and `github`, where people sign in without being asked. */
export interface IdpBench {
  /** Sends the person's browser there. @returns where it is sent back to */
  visit(url: string, person: IdpPerson): Promise<string>;
  /** An ID token of `keycloak`; these claims take the place of its own, and `undefined` leaves one out. */
  idToken(person: IdpPerson, claims?: Readonly<Record<string, unknown>>): string;
}

/** What the laws of one feature are tried on. */
export interface Bench {
  /** Where the GoTrue API begins, without a slash at the end. */
  readonly base: string;
  /** How long after a refresh the spent token is still good, as a duration. */
  readonly reuseInterval: string;
  /** The secret that access tokens are signed with, where the subject can `sign tokens`. */
  readonly secret: string;
  /** Moves the subject's clock on, where it can `move the clock`. */
  advance(duration: string): void;
  /** The time there. */
  now(): Date;
  /** Bans or deletes a user behind the API's back, where the subject can `ban and delete`. */
  remove(userId: string, how: 'ban' | 'delete'): Promise<void>;
  /** Where people are sent when nothing else is said. `https://*.preview.example.com/**` and `myapp://callback` are allowed too. */
  readonly site: string;
  /** Waits for the next mail to this address that was not asked for yet, where the subject can `read mail`. */
  mailTo(address: string): Promise<ReceivedMail>;
  /** The same for texts, where it can `read texts`. */
  textTo(number: string): Promise<{ readonly code: string }>;
  /** Where the subject lets people `sign in elsewhere`. */
  readonly idp: IdpBench;
}

/** A true statement about every server that speaks the API. */
export interface Law {
  readonly name: string;
  /** @default 'open' */
  readonly under?: Configuration;
  readonly needs?: readonly Ability[];
  /** Throws where it does not hold. */
  readonly holds: (api: Api, bench: Bench) => Promise<void>;
}

/** The laws of one feature. */
export interface Conformance {
  readonly feature: string;
  readonly laws: readonly Law[];
}

/** A server that is held to the laws. */
export interface Subject {
  readonly name: string;
  readonly can: readonly Ability[];
  readonly configurations: readonly Configuration[];
  /** Starts it, or finds it running. Called once for each configuration that a law asks for. */
  open(configuration: Configuration): Promise<Bench>;
  close(): Promise<void>;
}

/** A law that does not hold for a subject, and why that is known and accepted. */
export interface KnownDifference {
  readonly law: string;
  /** Names of subjects. */
  readonly subjects: readonly string[];
  readonly reason: string;
}
