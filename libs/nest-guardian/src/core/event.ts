/** Something that happened, told after the fact to whoever listens. Carries no secret. */
export interface Event<P> {
  readonly name: string;
  readonly types?: P;
}

export const event = <P>(name: string): Event<P> => Object.freeze({ name });

/** Tells an event. Listeners hear it after the unit of work has ended and cannot fail the request. */
export type Announce = <P>(event: Event<P>, payload: P) => void;

/** Sessions have ended: these, or every one of the user but `except`. */
export const sessionsEnded = event<{
  readonly userId: string;
  readonly sessionIds: readonly string[] | 'all';
  readonly except?: string;
}>('sessionsEnded');

/** Factors were shown, added or taken away: what was remembered of the user's tokens may say too much or too little. */
export const assuranceChanged = event<{ readonly userId: string }>('assuranceChanged');
