import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { isAuthError, type AuthError } from '../../core/auth-error.js';
import { attempt, failureStatuses, isFailure, type Failure } from './failure.js';

/** A failure as every dialect reads it. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  /** What the client may read: a sentence, or several. */
  readonly detail?: string | readonly string[];
  /** Further members of the body. */
  readonly members: Readonly<Record<string, unknown>>;
  /** The `WWW-Authenticate` header. */
  readonly challenge?: string;
}

export const unknownProblem: Problem = { status: 500, code: 'unknown', members: {} };

export const phraseOf = (status: number): string => STATUS_CODES[status] ?? 'Error';

const codes = new Map(
  Object.entries(failureStatuses)
    .toReversed()
    .map(([code, status]) => [status as number, code]),
);
const codeOf = (status: number): string =>
  codes.get(status) ??
  phraseOf(status)
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '_');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Error);

const isText = (value: unknown): value is string => typeof value === 'string';

function readFailure({ status, code, details }: Failure): Problem {
  return {
    status,
    code,
    detail: isText(details) ? details : undefined,
    members: isRecord(details) ? details : {},
    challenge: status === 401 ? 'Bearer' : undefined,
  };
}

/** RFC 6750 3.1: nothing but the challenge to those who showed no token, and the reason to those who did. */
function challengeOf({ applicationStatus, code }: AuthError): string | undefined {
  if (applicationStatus === 401) {
    return code === 'no_authorization' || code === 'invalid_credentials'
      ? 'Bearer'
      : 'Bearer error="invalid_token"';
  }
  const isInsufficient =
    code.startsWith('insufficient_') || code === 'not_admin' || code === 'no_authorization';
  return applicationStatus === 403 && isInsufficient ? 'Bearer error="insufficient_scope"' : undefined;
}

const readAuthError = (error: AuthError): Problem => ({
  status: error.applicationStatus,
  code: error.code,
  detail: error.message,
  members: error.members,
  challenge: challengeOf(error),
});

function readHttpException(exception: HttpException): Problem {
  const status = exception.getStatus();
  const response: unknown = exception.getResponse();
  const {
    message,
    error: _phrase,
    statusCode: _status,
    errorCode,
    ...members
  } = isRecord(response) ? response : { message: response };
  const isReadable = isText(message) || (Array.isArray(message) && message.every(isText));
  return {
    status,
    code: isText(errorCode) ? errorCode : codeOf(status),
    detail: isReadable && message !== phraseOf(status) ? message : undefined,
    members,
  };
}

/** Reads whatever was thrown. What nobody knows is the unknown problem, and so is what cannot be read. */
export const readProblem = (thrown: unknown): Problem =>
  attempt(() => {
    if (isFailure(thrown)) return readFailure(thrown);
    if (isAuthError(thrown)) return readAuthError(thrown);
    if (thrown instanceof HttpException) return readHttpException(thrown);
    return unknownProblem;
  }, unknownProblem);
