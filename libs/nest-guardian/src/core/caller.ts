/** Who is asking, read once from the request; below the edge nobody sees the request again. */
export interface Caller {
  /** The client's address, or null when it is not known. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The bearer token as it came, not yet verified. */
  readonly bearer: string | null;
  /** `redirect_to` of the query, not yet judged. */
  readonly redirectTo: string | null;
  /** `redirect_to` of the header, and `Referer`: what GoTrue falls back to. Not yet judged. */
  readonly redirectHeader: string | null;
  readonly referrer: string | null;
  /** What the `Cookie` header holds of cookies that we have set ourselves, and nothing else; left out, there is none. */
  readonly cookies?: string | null;
  /** The `X-JWT-AUD` header. */
  readonly audience: string | null;
  /** True for the application itself, calling through `Auth`: it may do what an administrator may. */
  readonly isSystem: boolean;
  /** Whether the request comes from this machine itself, straight from it and to it; left out, it does not. */
  readonly isAtThisMachine?: boolean;
  /** When nobody waits for the answer any more, by `performance.now()`; left out, somebody always does. */
  readonly until?: number;
}

/** The application itself, without a request. */
export const systemCaller: Caller = Object.freeze({
  address: null,
  userAgent: null,
  bearer: null,
  redirectTo: null,
  redirectHeader: null,
  referrer: null,
  audience: null,
  isSystem: true,
});
