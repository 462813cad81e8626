/** One thing that can go wrong. Declared once, in the contract of the feature that notices it. */
export interface Condition {
  /** The condition as a true statement, e.g. `refreshTokenAlreadyUsed`. */
  readonly name: string;
  /** GoTrue's error code, which clients match on. Several conditions may share one. */
  readonly code: string;
  /** The HTTP status under our own prefix: GoTrue's. */
  readonly status: number;
  /** The HTTP status on the application's own routes, where plain HTTP manners hold (401, 403, 404, 422). */
  readonly applicationStatus: number;
  /** What the client reads. A function where GoTrue's words carry a value. */
  readonly message: string | ((value: string) => string);
  /** `oauth` renders as RFC 6749 5.2 (`error`, `error_description`); `code` is then the `error`. */
  readonly dialect?: 'oauth';
}

export interface ConditionDeclaration {
  readonly code: string;
  readonly status: number;
  readonly applicationStatus?: number;
  readonly message: Condition['message'];
  readonly dialect?: 'oauth';
}

const declaredSoFar: Condition[] = [];

/** Every condition of the contracts that this process has loaded, for reading another server's answers. */
export const declaredConditions = (): readonly Condition[] => declaredSoFar;

/** Declares conditions; each takes the name of its key. The application status is the wire's unless said otherwise. */
export function conditions<K extends string>(
  declared: Readonly<Record<K, ConditionDeclaration>>,
): Readonly<Record<K, Condition>> {
  const entries = Object.entries<ConditionDeclaration>(declared).map(([name, declaration]) => [
    name,
    Object.freeze({ name, applicationStatus: declaration.status, ...declaration }),
  ]);
  const made = Object.freeze(Object.fromEntries(entries) as Record<K, Condition>);
  declaredSoFar.push(...Object.values<Condition>(made));
  return made;
}
