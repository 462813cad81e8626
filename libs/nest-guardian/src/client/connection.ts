import { AuthError, isAuthError } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { Operation } from '../core/operation.js';
import type { Settings } from '../core/option.js';
import { apiVersion, apiVersionHeader } from '../wire/errors.js';
import { buildRequest, type OutgoingRequest } from './build-request.js';
import { type clientShape, isToken } from './client-options.js';
import { readAnswer } from './read-answer.js';
import { send } from './send.js';
import { unavailable } from './unavailable.js';

export interface Asking {
  /** The token of whoever asks. Without one, an administrator's operation carries the service-role key. */
  readonly bearer?: string | null;
  /** Where links in mails and redirects lead. The server judges it. */
  readonly redirectTo?: string | null;
  /** Sent with this call. What cannot stand in a header is left out. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

/** Speaks any contract with one GoTrue server. */
export class Connection {
  readonly #settings: Settings<typeof clientShape>;

  constructor(settings: Settings<typeof clientShape>) {
    this.#settings = settings;
  }

  get url(): string {
    return this.#settings.url;
  }

  /**
   * Asks what the operation asks. Writes are sent once; reads again when the network or a gateway failed.
   * @throws what the server refuses with; noAuthorization without asking when the operation needs a token and
   * there is none; providerUnavailable when the server cannot be reached, is late, fails or makes no sense
   */
  async request<I, O>(operation: Operation<I, O>, input: I, asking: Asking = {}): Promise<O> {
    const given = asking.bearer ?? null;
    const usesOurKey = operation.access === 'admin' && given === null;
    const bearer = this.#bearerFor(operation, given);
    const built = buildRequest(this.#settings.url, operation, input);
    const request = withRedirect(built, operation, asking);
    const answer = await send(request, this.#headers(bearer, asking, request.body), this.#settings);
    try {
      return readAnswer(operation, answer);
    } catch (error) {
      // A wrong key of ours is our mistake, and no reason to tell a person to sign in again.
      throw usesOurKey && refusesToken(error) ? unavailable('The service-role key is refused', error) : error;
    }
  }

  #bearerFor({ access }: Pick<Operation, 'access'>, given: string | null): string | null {
    const { serviceRoleKey } = this.#settings;
    if (given === null && access === 'admin' && serviceRoleKey !== '') return serviceRoleKey;
    if (isToken(given)) return given;
    if (access === 'anyone') return null;
    const what = access === 'admin' ? 'a token or the option serviceRoleKey' : 'a token';
    throw new AuthError(common.noAuthorization, { cause: new Error(`This operation needs ${what}`) });
  }

  #headers(bearer: string | null, asking: Asking, body: string | undefined): Record<string, string> {
    const { apiKey, headers } = this.#settings;
    const own = Object.entries(asking.headers ?? {}).filter(
      (header): header is [string, string] => header[1] !== null && /^[\t -~\u0080-\u00ff]+$/.test(header[1]),
    );
    return {
      ...headers,
      ...Object.fromEntries(own),
      accept: 'application/json',
      [apiVersionHeader]: apiVersion,
      ...(body !== undefined && { 'content-type': 'application/json;charset=UTF-8' }),
      ...(apiKey !== '' && { apikey: apiKey }),
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
    };
  }
}

/** Who asked may have said in a header where to lead; then every route hears of it in the query. */
function withRedirect(
  request: OutgoingRequest,
  { query, redirectInBody }: Pick<Operation, 'query' | 'redirectInBody'>,
  { redirectTo }: Asking,
): OutgoingRequest {
  const travels = redirectInBody || query === 'all' || query?.includes('redirect_to');
  if (!redirectTo || !travels) return request;
  const url = new URL(request.url);
  url.searchParams.set('redirect_to', redirectTo);
  return { ...request, url: url.href };
}

const refusesToken = (error: unknown): boolean =>
  isAuthError(error) && ['bad_jwt', 'no_authorization', 'not_admin'].includes(error.code);
