/** Types of an answer's errors. */

/** Codes of docs/errors.md, and GraphQL's own. */
export type ErrorCode = (typeof errorCodes)[number];

export const errorCodes = [
  'BAD_REQUEST',
  'REQUEST_TIMEOUT',
  'BAD_USER_INPUT',
  'UNAUTHENTICATED',
  'IDENTITY_UNAVAILABLE',
  'LIMIT_EXCEEDED',
  'RATE_LIMITED',
  'DOCUMENT_NOT_TRUSTED',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_RATE_LIMITED',
  'UPSTREAM_UNAUTHENTICATED',
  'UPSTREAM_FORBIDDEN',
  'UPSTREAM_NOT_FOUND',
  'UPSTREAM_REFUSED',
  'UPSTREAM_INVALID_RESPONSE',
  'UPSTREAM_BUDGET_EXCEEDED',
  'DEADLINE_EXCEEDED',
  'REQUEST_CANCELLED',
  'OVERLOADED',
  'SHUTTING_DOWN',
  'GATEWAY_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'NOT_FOUND',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
] as const;

/** One entry of an answer's `errors`. */
export interface AnswerError {
  /** `UNKNOWN` for a code of a newer gateway. */
  readonly code: ErrorCode | 'UNKNOWN';
  readonly message: string;
  /** Path of the missing field; empty if the whole answer is missing. */
  readonly path: readonly (string | number)[];
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Seconds to wait before a retry; null if unknown. */
  readonly retryAfterSeconds: number | null;
  /** The failed route of the upstream; null if the upstream is not at fault. */
  readonly endpoint: string | null;
}

export type AnswerErrors = readonly [AnswerError, ...AnswerError[]];

const known: ReadonlySet<string> = new Set(errorCodes);

/** @param entry undecoded entry of an answer's `errors` */
export function decodeError(entry: unknown): AnswerError {
  const { message, path, extensions } = record(entry);
  const { code, retryable, retryAfter, endpoint } = record(extensions);
  return {
    code: isErrorCode(code) ? code : 'UNKNOWN',
    message: typeof message === 'string' ? message : 'The gateway gave no reason.',
    path: Array.isArray(path) ? path.filter((key) => typeof key === 'string' || typeof key === 'number') : [],
    retryable: retryable === true,
    retryAfterSeconds: typeof retryAfter === 'number' ? retryAfter : null,
    endpoint: typeof endpoint === 'string' ? endpoint : null,
  };
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && known.has(code);
}

/** Returns a value's fields; none if it is no object. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
