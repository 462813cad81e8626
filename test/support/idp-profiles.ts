import { type Told, toldByIdToken } from './idp-claims.js';

const yes = { strict: true, trusted: true };
const no = { strict: false, trusted: false };
const ifTrusted = { strict: false, trusted: true };
const picture = 'https://img.example/ann.png';
const email = 'ann@example.com';
const named = { name: 'Ann Example', full_name: 'Ann Example' };
const pictured = { picture, avatar_url: picture };

/** What each preset's provider says. */
export const told: Readonly<Record<string, Told>> = {
  ...toldByIdToken,
  bitbucket: {
    token: '/site/oauth2/access_token',
    tokenAnswer: { scopes: 'account email', state: 'authorization_code', expires_in: 7200 },
    answers: {
      '/2.0/user': {
        type: 'user',
        uuid: '{c788b2da-b7a2-404c-9e26-d3f077557007}',
        display_name: 'Ann Example',
        links: { avatar: { href: 'https://elsewhere.example' } },
        avatar: { href: picture },
      },
      '/2.0/user/emails': {
        values: [
          { type: 'email', email: 'old@example.com', is_primary: false, is_confirmed: true },
          { type: 'email', email, is_primary: true, is_confirmed: true },
        ],
      },
    },
    subject: '{c788b2da-b7a2-404c-9e26-d3f077557007}',
    email,
    isVerified: yes,
    data: { ...named, ...pictured },
  },
  discord: {
    token: '/api/oauth2/token',
    answers: {
      '/api/users/@me': {
        id: '80351110224678912',
        username: 'nelly',
        discriminator: '1337',
        global_name: 'Nelly',
        avatar: 'a_8342729096ea3675442027381ff50dfe',
        verified: true,
        email,
        flags: 64,
      },
    },
    subject: '80351110224678912',
    email,
    isVerified: yes,
    data: {
      name: 'nelly#1337',
      full_name: 'nelly',
      picture: 'https://cdn.discordapp.com/avatars/80351110224678912/a_8342729096ea3675442027381ff50dfe.gif',
      avatar_url:
        'https://cdn.discordapp.com/avatars/80351110224678912/a_8342729096ea3675442027381ff50dfe.gif',
      custom_claims: { global_name: 'Nelly' },
    },
  },
  facebook: {
    token: '/oauth/access_token',
    answers: {
      '/me': {
        id: '10220000000000000',
        email,
        first_name: 'Ann',
        last_name: 'Example',
        name: 'Annie',
        picture: { data: { height: 50, is_silhouette: false, url: picture, width: 50 } },
      },
    },
    subject: '10220000000000000',
    email,
    isVerified: ifTrusted,
    data: { ...named, ...pictured, nickname: 'Annie', slug: 'Annie' },
  },
  figma: {
    token: '/v1/oauth/token',
    answers: { '/v1/me': { id: '943030', handle: 'Ann Example', img_url: picture, email } },
    subject: '943030',
    email,
    isVerified: ifTrusted,
    data: { ...named, avatar_url: picture },
  },
  github: {
    token: '/login/oauth/access_token',
    answers: {
      '/api/v3/user': { id: 1001, login: 'ann', name: 'Ann Example', avatar_url: picture, email: null },
      '/api/v3/user/emails': [
        { email: 'old@example.com', primary: false, verified: true, visibility: null },
        { email, primary: true, verified: true, visibility: 'private' },
      ],
    },
    subject: '1001',
    email,
    isVerified: yes,
    data: { ...named, avatar_url: picture, preferred_username: 'ann', user_name: 'ann' },
  },
  gitlab: {
    token: '/oauth/token',
    answers: {
      '/api/v4/user': {
        id: 1,
        username: 'ann',
        name: 'Ann Example',
        state: 'active',
        avatar_url: picture,
        email,
        confirmed_at: '2012-05-23T09:05:22.000Z',
      },
    },
    subject: '1',
    email,
    isVerified: yes,
    data: { ...named, ...pictured },
  },
  kakao: {
    token: '/oauth/token',
    answers: {
      '/v2/user/me': {
        id: 123_456_789,
        connected_at: '2022-04-11T01:45:28Z',
        kakao_account: {
          profile: { nickname: 'Annie', profile_image_url: picture, is_default_image: false },
          has_email: true,
          is_email_valid: true,
          is_email_verified: true,
          email,
        },
      },
    },
    subject: '123456789',
    email,
    isVerified: yes,
    data: {
      name: 'Annie',
      full_name: 'Annie',
      preferred_username: 'Annie',
      user_name: 'Annie',
      avatar_url: picture,
    },
  },
  keycloak: {
    token: '/protocol/openid-connect/token',
    answers: {
      '/protocol/openid-connect/userinfo': {
        sub: '248289761001',
        name: 'Ann Example',
        email,
        email_verified: true,
        given_name: 'Ann',
      },
    },
    subject: '248289761001',
    email,
    isVerified: yes,
    data: { ...named, custom_claims: { given_name: 'Ann' } },
  },
  linkedin_oidc: {
    token: '/oauth/v2/accessToken',
    answers: {
      '/v2/userinfo': {
        sub: '782bbtaQ',
        name: 'Ann Example',
        given_name: 'Ann',
        family_name: 'Example',
        picture,
        locale: 'en-US',
        email,
        email_verified: true,
      },
    },
    subject: '782bbtaQ',
    email,
    isVerified: yes,
    data: { name: 'Ann Example', given_name: 'Ann', family_name: 'Example', locale: 'en-US', picture },
  },
  notion: {
    token: '/v1/oauth/token',
    tokenAnswer: { bot_id: 'b', workspace_id: 'w', owner: { type: 'user' } },
    answers: {
      '/v1/users/me': {
        object: 'user',
        id: '16d84278-ab0e-484c-9bdd-b35da3bd8905',
        name: 'the integration',
        type: 'bot',
        bot: {
          owner: {
            type: 'user',
            user: {
              object: 'user',
              id: '5389a034-eb5c-47b5-8a9e-f79c99ef166c',
              name: 'Ann Example',
              avatar_url: picture,
              type: 'person',
              person: { email },
            },
          },
        },
      },
    },
    subject: '5389a034-eb5c-47b5-8a9e-f79c99ef166c',
    email,
    isVerified: ifTrusted,
    data: { ...named, ...pictured },
  },
  slack_oidc: {
    token: '/api/openid.connect.token',
    tokenAnswer: { ok: true },
    answers: {
      '/api/openid.connect.userInfo': {
        ok: true,
        sub: 'U0R7JM',
        'https://slack.com/user_id': 'U0R7JM',
        'https://slack.com/team_id': 'T0R7GR',
        email,
        email_verified: true,
        date_email_verified: 1_622_128_723,
        name: 'Ann Example',
        picture,
      },
    },
    subject: 'U0R7JM',
    email,
    isVerified: yes,
    data: { ...named, ...pictured, custom_claims: { 'https://slack.com/team_id': 'T0R7GR' } },
  },
  spotify: {
    token: '/api/token',
    answers: {
      '/me': {
        id: 'wizzler',
        display_name: 'Ann Example',
        email,
        images: [
          { url: picture, height: 300, width: 300 },
          { url: 'https://small.example', height: 64, width: 64 },
        ],
      },
    },
    subject: 'wizzler',
    email,
    isVerified: no,
    data: { ...named, ...pictured },
  },
  twitch: {
    token: '/oauth2/token',
    tokenAnswer: { scope: ['user:read:email'] },
    answers: {
      '/helix/users': {
        data: [
          {
            id: '141981764',
            login: 'twitchdev',
            display_name: 'TwitchDev',
            type: '',
            broadcaster_type: 'partner',
            description: 'Supporting third-party developers',
            profile_image_url: picture,
            offline_image_url: '',
            view_count: 5_980_557,
            email,
            created_at: '2016-12-14T20:32:28Z',
          },
        ],
      },
    },
    subject: '141981764',
    email,
    isVerified: yes,
    data: {
      name: 'twitchdev',
      full_name: 'twitchdev',
      nickname: 'TwitchDev',
      slug: 'TwitchDev',
      ...pictured,
      custom_claims: {
        broadcaster_type: 'partner',
        description: 'Supporting third-party developers',
        view_count: 5_980_557,
      },
    },
  },
  workos: {
    token: '/sso/token',
    tokenAnswer: { expires_in: 600, profile: { id: 'prof_of_somebody_else' } },
    answers: {
      '/sso/profile': {
        object: 'profile',
        id: 'prof_01DMC79VCBZ0NY2099737PSVF1',
        connection_id: 'conn_01E4ZCR3C56J083X43JQXF3JK5',
        organization_id: 'org_01EHWNCE74X7JSDV0X3SZ3KJNY',
        connection_type: 'OktaSAML',
        email,
        first_name: 'Ann',
        last_name: 'Example',
        idp_id: '00u1a0ufowBJlzPlk357',
        raw_attributes: {},
      },
    },
    subject: 'prof_01DMC79VCBZ0NY2099737PSVF1',
    email,
    isVerified: ifTrusted,
    data: {
      ...named,
      custom_claims: {
        connection_id: 'conn_01E4ZCR3C56J083X43JQXF3JK5',
        organization_id: 'org_01EHWNCE74X7JSDV0X3SZ3KJNY',
      },
    },
  },
  x: {
    token: '/2/oauth2/token',
    answers: {
      '/2/users/me': {
        data: {
          id: '2244994945',
          name: 'Ann Example',
          username: 'ann',
          confirmed_email: email,
          profile_image_url: picture,
          url: 'https://t.co/3ZX3TNiZCY',
          created_at: '2013-12-14T04:35:55.000Z',
        },
      },
    },
    subject: '2244994945',
    email,
    isVerified: yes,
    data: {
      ...named,
      ...pictured,
      preferred_username: 'ann',
      user_name: 'ann',
      profile: 'https://x.com/ann',
      website: 'https://t.co/3ZX3TNiZCY',
      custom_claims: { created_at: '2013-12-14T04:35:55.000Z' },
    },
  },
  zoom: {
    token: '/oauth/token',
    answers: {
      '/v2/users/me': {
        id: 'KDcuGIm1QgePTO8WbOqwIQ',
        first_name: 'Ann',
        last_name: 'Example',
        email,
        type: 1,
        verified: 1,
        login_type: 100,
        pic_url: picture,
      },
    },
    subject: 'KDcuGIm1QgePTO8WbOqwIQ',
    email,
    isVerified: yes,
    data: { ...named, ...pictured },
  },
};
