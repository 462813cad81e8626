import type { IdpProfile } from '../../libs/nest-guardian/src/core/ports/idps.js';
import type { Answer } from '../../libs/nest-guardian/src/idps/idp-definition.js';
import { presets } from '../../libs/nest-guardian/src/idps/presets.js';
import { told } from './idp-profiles.js';

/** What the operator says of a provider in these specs. */
export const place = {
  clientId: 'the-client',
  secret: 'the-secret',
  url: 'https://idp.example',
  trustsEmail: false,
  asksOpenid: true,
};

/** Reads the answers of a provider as its preset does, without a network. */
export function readTold(
  name: string,
  answers: Readonly<Record<string, unknown>>,
  trustsEmail = false,
): IdpProfile {
  const { idTokens, profile } = presets[name]!.define({ ...place, trustsEmail });
  if (profile === undefined) return idTokens!.read(answers.claims as Answer, {});
  const byPath = Object.entries(profile.ask).map(([question, { url }]) => {
    const path = new URL(typeof url === 'string' ? url : url('t')).pathname;
    return [question, answers[path]] as const;
  });
  return profile.read(Object.fromEntries(byPath));
}

/** The same answers with the person's members replaced wherever they stand. */
export const altered = (name: string, members: Answer): Readonly<Record<string, unknown>> =>
  JSON.parse(JSON.stringify(told[name]!.answers), (key, value) =>
    Object.hasOwn(members, key) ? members[key] : value,
  ) as Record<string, unknown>;
