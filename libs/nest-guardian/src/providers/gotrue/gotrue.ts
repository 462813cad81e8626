import type { OptionMistake } from '../../core/option.js';
import type { ProviderChoice } from '../../core/provider-choice.js';
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
    create: async (context) => new GoTrueProvider(settings, context),
  };
}
