import { type OptionMistake, OptionsError } from '../core/option.js';
import { type GoTrueClientOptions, readClientOptions } from './client-options.js';
import { Connection } from './connection.js';
import { GoTrueClient } from './gotrue-client.js';

/**
 * Makes a client of the GoTrue server at `url`.
 * @throws OptionsError (a `TypeError`) that names everything wrong with the options, and quotes no secret
 */
export function createGoTrueClient(options: GoTrueClientOptions): GoTrueClient {
  const mistakes: OptionMistake[] = [];
  const settings = readClientOptions(options, 'client', mistakes);
  if (mistakes.length > 0) throw new OptionsError(mistakes);
  return new GoTrueClient(new Connection(settings));
}
