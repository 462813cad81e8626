import type { OptionMistake } from '../../core/option.js';
import { ApplicationParts } from '../../core/ports/application-parts.js';
import type { ProviderChoice, ProviderContext } from '../../core/provider-choice.js';
import { type GoTrueOptions, readGoTrueOptions } from './gotrue.options.js';
import { GoTrueProvider } from './gotrue.provider.js';

/**
 * Lets a GoTrue server answer instead of the application's own database.
 *
 * @example
 * AuthModule.forRoot({ provider: gotrue({ url: 'http://gotrue:9999', jwtSecret: process.env.GOTRUE_JWT_SECRET }) })
 */
export function gotrue(options: GoTrueOptions): ProviderChoice {
  const mistakes: OptionMistake[] = [];
  const settings = readGoTrueOptions(options, mistakes);
  return {
    name: 'gotrue',
    mistakes,
    create: async (context) => {
      tellWhatIsLeftOut(context);
      return new GoTrueProvider(settings, context);
    },
  };
}

/** Accounts change there, and tokens are signed there. */
function tellWhatIsLeftOut({ find, log }: ProviderContext): void {
  const parts = find<ApplicationParts>(ApplicationParts);
  const names = (['accountWork', 'customClaims', 'auditSink'] as const).filter((name) => parts?.[name]);
  if (names.length > 0) log(`Without effect where a GoTrue server answers: ${names.join(', ')}`);
}
