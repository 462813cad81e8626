import type { Preset } from './preset.js';
import { apple } from './presets/apple.idp.js';
import { azure } from './presets/azure.idp.js';
import { bitbucket } from './presets/bitbucket.idp.js';
import { discord } from './presets/discord.idp.js';
import { facebook } from './presets/facebook.idp.js';
import { figma } from './presets/figma.idp.js';
import { github } from './presets/github.idp.js';
import { gitlab } from './presets/gitlab.idp.js';
import { google } from './presets/google.idp.js';
import { kakao } from './presets/kakao.idp.js';
import { keycloak } from './presets/keycloak.idp.js';
import { linkedinOidc } from './presets/linkedin-oidc.idp.js';
import { notion } from './presets/notion.idp.js';
import { slackOidc } from './presets/slack-oidc.idp.js';
import { spotify } from './presets/spotify.idp.js';
import { twitch } from './presets/twitch.idp.js';
import { workos } from './presets/workos.idp.js';
import { x } from './presets/x.idp.js';
import { zoom } from './presets/zoom.idp.js';

/** The identity providers that are known by name, GoTrue's. Adding one is a file and a line here. */
export const presets: Readonly<Record<string, Preset>> = {
  apple,
  azure,
  bitbucket,
  discord,
  facebook,
  figma,
  github,
  gitlab,
  google,
  kakao,
  keycloak,
  linkedin_oidc: linkedinOidc,
  notion,
  slack_oidc: slackOidc,
  spotify,
  twitch,
  workos,
  x,
  zoom,
};

/**
 * Names that GoTrue knows besides, and who signs their ID tokens: two that their providers have replaced, one of
 * OAuth 1, and three for a few. They are never switched on.
 */
export const notServed: ReadonlyMap<string, string | null> = new Map([
  ['fly', null],
  ['linkedin', null],
  ['slack', null],
  ['snapchat', 'https://accounts.snapchat.com'],
  ['twitter', null],
  ['vercel_marketplace', 'https://marketplace.vercel.com'],
]);
