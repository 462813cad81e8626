import type { IdpChoice, IdpProfile } from '../core/ports/idps.js';
import { chooseIdp, type IdpClient } from './choose-idp.js';
import { emailOf, idOf, objectOf, profileOf } from './profile-of.js';

/** How an OAuth 2.0 provider is reached, and how its people are read. */
export interface Oauth2Options extends IdpClient {
  /** Where people are sent to sign in. */
  readonly authorizeUrl: string;
  /** Where their code is traded for an access token. */
  readonly tokenUrl: string;
  /** Asked with the access token as bearer; answers JSON. */
  readonly profileUrl: string;
  /** Reads the person out of that answer, of which nothing is promised. */
  readonly profile: (answer: Readonly<Record<string, unknown>>) => Oauth2Person;
  /** RFC 9207: how the provider calls itself in `iss` beside a code, where it does. */
  readonly issuer?: string;
}

/** A person as a profile of the application's own provider reads. */
export interface Oauth2Person {
  /** Unique there and never given to anybody else; never an address. */
  readonly id: unknown;
  readonly email?: unknown;
  /** True only where the provider says that this person reads that address. */
  readonly emailVerified?: unknown;
  readonly name?: unknown;
  readonly picture?: unknown;
}

/** Any provider that speaks OAuth 2.0 and has an address at which people are told. */
export const oauth2 = (options: Oauth2Options): IdpChoice => {
  const { authorizeUrl, tokenUrl, profileUrl, issuer } = options;
  const read = (answer: unknown, trustsEmail: boolean): IdpProfile => {
    const { id, email, emailVerified, name, picture } = options.profile(objectOf(answer));
    const names = { name, full_name: name, avatar_url: picture, picture };
    const data = { iss: issuer ?? new URL(authorizeUrl).origin, ...names, provider_id: idOf(id) };
    return profileOf({ subject: id, email: emailOf(email, emailVerified ?? trustsEmail), data });
  };
  const { profile: _profile, ...addresses } = options;
  return chooseIdp(addresses, {
    define: ({ trustsEmail }) => ({
      scopes: [],
      endpoints: { authorize: authorizeUrl, token: tokenUrl },
      profile: { ask: { person: { url: profileUrl } }, read: ({ person }) => read(person, trustsEmail) },
      answersAs: issuer,
    }),
    addresses: { authorizeUrl: 'required', tokenUrl: 'required', profileUrl: 'required', issuer: 'optional' },
  });
};
