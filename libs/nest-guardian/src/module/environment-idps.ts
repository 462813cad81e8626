import { type OptionMistake, OptionsError } from '../core/option.js';
import type { IdpChoice } from '../core/ports/idps.js';
import { flagOf, listOf } from '../core/variable-text.js';
import { clientShape, type IdpOptions } from '../idps/choose-idp.js';
import { presets } from '../idps/presets.js';
import { atVariables, type Environment, readVariables, type Variable } from './variable.js';

interface Member extends Omit<Variable, 'name' | 'also' | 'path'> {
  /** GoTrue's word for it, at the end of the name. */
  readonly suffix: string;
}

/** What GoTrue's variables say of one identity provider, by the names of its preset's options. */
export const idpMembers: Readonly<Record<string, Member>> = {
  enabled: {
    suffix: 'ENABLED',
    fromText: flagOf,
    refuse: (text) =>
      typeof flagOf(text) === 'boolean'
        ? null
        : { reason: 'cannot be read', remedy: 'It must be true or false' },
    says: 'Whether people may sign in with it. Where it is not on, nothing else of it is looked at.',
  },
  clientId: {
    suffix: 'CLIENT_ID',
    fromText: listOf,
    option: clientShape.clientId,
    says: 'Our name there. Of several, people are sent there under the first, and ID tokens made for any of them count.',
  },
  secret: { suffix: 'SECRET', option: clientShape.secret, says: 'What belongs to the first client id.' },
  redirectUri: {
    suffix: 'REDIRECT_URI',
    option: clientShape.redirectUri,
    says: 'Where it sends people back: our own `/callback` unless said otherwise.',
  },
  url: {
    suffix: 'URL',
    says: "Where it is, for one that people run themselves: Keycloak's realm, Azure's tenant, a GitLab. Apple and Google have none.",
  },
  skipNonceCheck: {
    suffix: 'SKIP_NONCE_CHECK',
    fromText: flagOf,
    option: clientShape.skipNonceCheck,
    says: 'Whether ID tokens may be shown without a nonce that matches.',
  },
  emailOptional: {
    suffix: 'EMAIL_OPTIONAL',
    fromText: flagOf,
    option: clientShape.emailOptional,
    says: 'Whether people without a verified address may sign in all the same.',
  },
};

const variablesOfPreset = (name: string): Variable[] =>
  Object.entries(idpMembers)
    .filter(([member]) => member !== 'url' || presets[name]?.hasUrl === true)
    .map(([member, { suffix, ...variable }]) => ({
      name: `GOTRUE_EXTERNAL_${name.toUpperCase()}_${suffix}`,
      path: `oauth.idps.${name}.${member}`,
      ...variable,
    }));

/** Those of every identity provider that has a preset. */
export const idpVariables: readonly Variable[] = Object.keys(presets).flatMap(variablesOfPreset);

/** GoTrue: one more client of Apple's, whose ID tokens count. Read after the variable of the others. */
export const iosVariable: Variable = {
  name: 'GOTRUE_EXTERNAL_IOS_BUNDLE_ID',
  path: 'oauth.idps.apple.clientId',
  fromText: (text, { GOTRUE_EXTERNAL_APPLE_CLIENT_ID: others = '' }) => [...listOf(others), text],
  says: "The application for iOS whose ID tokens of Apple's count too.",
};

type Given = IdpOptions & { readonly enabled?: boolean };

/** The identity providers that are switched on. */
export const idpsOf = (given: Readonly<Record<string, Given>>): Readonly<Record<string, IdpChoice>> =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([, { enabled }]) => enabled === true)
      .map(([name, { enabled: _on, ...options }]) => [
        name,
        (presets[name] as (typeof presets)[string])(options),
      ]),
  );

/**
 * The identity providers that GoTrue's variables switch on, for an application whose other options are its own:
 * `local({ oauth: { idps: idpsFromEnvironment() } })`. `optionsFromEnvironment()` has them already.
 * @throws OptionsError naming each variable that is missing or cannot be read
 */
export function idpsFromEnvironment(env: Environment = process.env): Readonly<Record<string, IdpChoice>> {
  const variables = [...idpVariables, iosVariable];
  const mistakes: OptionMistake[] = [];
  const { oauth } = readVariables(variables, env, mistakes) as { oauth?: { idps?: Record<string, Given> } };
  const idps = idpsOf(oauth?.idps ?? {});
  for (const [name, choice] of Object.entries(idps)) {
    const own = choice.mistakes.map(({ path, ...said }) => ({ path: `oauth.idps.${name}${path}`, ...said }));
    mistakes.push(...atVariables(own, variables, env));
  }
  if (mistakes.length > 0) throw new OptionsError(mistakes);
  return idps;
}
