import type { DiscoveryService } from '@nestjs/core';
import type { OptionMistake } from '../core/option.js';
import { type Requirements, requirementsOf } from '../http/requirements.js';
import { secondsOf } from '../tokens/profile/seconds.js';
import { mistakeInWanted } from '../tokens/profile/permissions.js';
import type { TokenProfiles } from '../tokens/profile/token-profiles.js';
import { methodsIn } from './handler-audit.js';

/** Reads what every handler asks for, so that a profile or a permission that there is not is a mistake at boot and no door, open or shut. */
export const mistakesInProfiles = (discovery: DiscoveryService, profiles: TokenProfiles): OptionMistake[] =>
  methodsIn(discovery).flatMap(({ type, handler, path }) => {
    const route = { getClass: () => type, getHandler: () => handler } as never;
    return mistakesOf(requirementsOf(route), profiles).map((mistake) => ({ path, ...mistake }));
  });

type Mistake = Omit<OptionMistake, 'path'>;

function mistakesOf(requirements: Requirements, profiles: TokenProfiles): readonly Mistake[] {
  const { profile: wanted, permissions, roles, aal, proofAge } = requirements;
  if (wanted === undefined) return permissions === undefined ? [] : [nobodysPermissions];
  const profile = profiles.find(wanted.name);
  if (profile === undefined) {
    return [{ reason: `uses the profile ${wanted.name}, which is not registered`, remedy: registration }];
  }
  const mistakes: Mistake[] = [];
  const note = (reason: string, remedy: string): void => void mistakes.push({ reason, remedy });
  if (wanted.type !== undefined && !profile.types.includes(wanted.type)) {
    note(
      `asks for the type ${wanted.type}, which ${wanted.name} has not`,
      `Types are ${profile.types.join(', ')}`,
    );
  }
  if (!isDuration(wanted.maxAge)) note('has a maxAge that is no duration', "Write it like '10m'");
  if (roles !== undefined) note('asks for a role of a token that has none', 'Use @Permissions');
  if (aal !== undefined || proofAge !== undefined) {
    note('asks how somebody signed in, which these tokens do not say', 'Use maxAge of @UseProfile');
  }
  if (permissions !== undefined) {
    if (profile.permissions === null) note('asks for permissions of a profile without', 'Define some');
    const mistake = mistakeInWanted(permissions, profile.permissions);
    if (mistake !== null) note(`@Permissions ${mistake}`, `Give names of the profile ${wanted.name}`);
  }
  return mistakes;
}

const registration = 'Give its definition to AuthModule.forRoot({ profiles: [...] })';
const nobodysPermissions: Mistake = {
  reason: 'asks for permissions, which people’s tokens do not carry',
  remedy: 'Add @UseProfile(...), or ask for a role with @Roles(...)',
};

function isDuration(text: string | undefined): boolean {
  try {
    secondsOf(text);
    return true;
  } catch {
    // The mistake is told together with all others.
    return false;
  }
}
