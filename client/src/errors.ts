/** What can go wrong, as types: nothing of it is thrown unless it is asked for (`dataOf`). */

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

/** What has become of a request. */
export type Outcome<Data> =
  /** All of it is here. */
  | { readonly kind: 'complete'; readonly data: Data }
  /** Some fields are null because of these errors. */
  | { readonly kind: 'partial'; readonly data: Data; readonly errors: AnswerErrors }
  /** There is no data. */
  | { readonly kind: 'failed'; readonly errors: AnswerErrors; readonly status: number }
  /** Nothing that could be understood has come: the network, or what stands between, has failed. */
  | { readonly kind: 'unreachable'; readonly cause: unknown };

/** Thrown by `dataOf`, and by what has no other way to tell: iterations. */
export class RequestFailedError extends Error {
  override readonly name = 'RequestFailedError';
  readonly outcome: Exclude<Outcome<unknown>, { kind: 'complete' }>;

  constructor(outcome: Exclude<Outcome<unknown>, { kind: 'complete' }>) {
    super(
      outcome.kind === 'unreachable'
        ? 'The gateway could not be reached.'
        : outcome.errors.map(({ code, message }) => `${code}: ${message}`).join('\n'),
      outcome.kind === 'unreachable' ? { cause: outcome.cause } : {},
    );
    this.outcome = outcome;
  }
}

/** The data of an outcome that is complete. @throws RequestFailedError for any other */
export function dataOf<Data>(outcome: Outcome<Data>): Data {
  if (outcome.kind === 'complete') return outcome.data;
  throw new RequestFailedError(outcome);
}

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

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
