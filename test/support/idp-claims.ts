import type { Answer } from '../../libs/nest-guardian/src/idps/idp-definition.js';

/** What one identity provider says of one person, as its reference shows it, and what is to be understood. */
export interface Told {
  /** Where its token endpoint is; left out for those whose ID token says who came. */
  readonly token?: string;
  /** What stands in the answer of the token endpoint besides. */
  readonly tokenAnswer?: Answer;
  /** By path; for those with an ID token, its claims under `claims`. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly subject: string;
  readonly email: string | null;
  /** Whether the address counts, of its own and where the operator trusts it. */
  readonly isVerified: { readonly strict: boolean; readonly trusted: boolean };
  /** Beside `iss`, `sub`, `email` and `provider_id`. */
  readonly data: Answer;
}

const email = 'ann@example.com';
const picture = 'https://img.example/ann.png';

/** Those whose ID token says who came. */
export const toldByIdToken: Readonly<Record<string, Told>> = {
  apple: {
    answers: {
      claims: {
        iss: 'https://appleid.apple.com',
        aud: 'com.example.web',
        sub: '001393.6d621dad.1517',
        email: 'x7@privaterelay.appleid.com',
        email_verified: 'true',
        is_private_email: 'true',
        auth_time: 1_790_000_000,
        nonce_supported: true,
      },
    },
    subject: '001393.6d621dad.1517',
    email: 'x7@privaterelay.appleid.com',
    isVerified: { strict: true, trusted: true },
    data: {
      name: 'Ann Example',
      full_name: 'Ann Example',
      custom_claims: { is_private_email: true, auth_time: 1_790_000_000 },
    },
  },
  azure: {
    answers: {
      claims: {
        iss: 'https://login.microsoftonline.com/6babcaad-604b-40ac-a9d7-9fd97c0b779f/v2.0',
        tid: '6babcaad-604b-40ac-a9d7-9fd97c0b779f',
        oid: '00000000-0000-0000-66f3-3332eca7ea81',
        sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
        name: 'Ann Example',
        preferred_username: 'ann@contoso.example',
        email,
        ver: '2.0',
        nonce: 'n',
        aio: 'D',
      },
    },
    subject: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
    email,
    isVerified: { strict: false, trusted: true },
    data: {
      full_name: 'Ann Example',
      preferred_username: 'ann@contoso.example',
      custom_claims: {
        email,
        tid: '6babcaad-604b-40ac-a9d7-9fd97c0b779f',
        oid: '00000000-0000-0000-66f3-3332eca7ea81',
      },
    },
  },
  google: {
    answers: {
      claims: {
        iss: 'https://accounts.google.com',
        azp: 'web',
        sub: '110169484474386276334',
        hd: 'example.com',
        email,
        email_verified: true,
        name: 'Ann Example',
        picture,
        given_name: 'Ann',
      },
    },
    subject: '110169484474386276334',
    email,
    isVerified: { strict: true, trusted: true },
    data: {
      name: 'Ann Example',
      full_name: 'Ann Example',
      picture,
      avatar_url: picture,
      custom_claims: { hd: 'example.com' },
    },
  },
};
