/** An answer's errors, as types. */

/** The codes of docs/errors.md, and those of GraphQL itself. */
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
  /** The field that it cost, from the root; empty where it cost the whole answer. */
  readonly path: readonly (string | number)[];
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** How long to wait before, in seconds; null where that is not known. */
  readonly retryAfterSeconds: number | null;
  /** The route of the upstream that has failed; null for what is not the upstream's fault. */
  readonly endpoint: string | null;
}

export type AnswerErrors = readonly [AnswerError, ...AnswerError[]];

const known: ReadonlySet<string> = new Set(errorCodes);

/** @param entry of an answer's `errors`, as it came */
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

/** Its fields; none where it is no object. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
