import { deny } from '../core/auth-error.js';
import { conditions } from '../core/condition.js';
import type { Condition } from '../core/condition.js';
import { common } from '../core/conditions.js';

const junctionConditions = conditions({
  unsupportedGrantType: {
    code: 'invalid_credentials',
    status: 400,
    message: 'unsupported_grant_type',
  },
});

/** How a route that several operations share picks one: the key it reads, and what is said when nobody has it. */
export interface Junction {
  readonly key: (query: URLSearchParams, body: Readonly<Record<string, unknown>>) => string;
  readonly unknown: Condition;
  /** Whether the key is found in the query alone, so that an unknown one is refused before the body is read. */
  readonly readsQueryOnly: boolean;
}

// Whatever its type: a wrong one is then refused by the operation that was meant.
const given = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** Every junction, by route. They know the keys of no feature. */
export const junctions: Readonly<Record<string, Junction>> = {
  'POST /token': {
    key: (query) => query.get('grant_type') ?? '',
    unknown: junctionConditions.unsupportedGrantType,
    readsQueryOnly: true,
  },
  'POST /signup': {
    key: (_, body) => (given(body.email) || given(body.phone) ? 'login' : 'anonymous'),
    unknown: common.featureDisabled,
    readsQueryOnly: false,
  },
};

/** The one operation of a junction that the request means. @throws what the junction says of an unknown key */
export function choose<T>(members: ReadonlyMap<string, T>, junction: Junction, key: string): T {
  return members.get(key) ?? deny(junction.unknown);
}
