/**
 * All errors that callers can receive; a test compares the table with docs/errors.md. Only
 * `server/pipeline/format-error.ts` decides what leaves the process, by allow-list.
 */

export const errorCodes = {
  BAD_REQUEST: { retryable: false },
  NOT_FOUND: { retryable: false },
  REQUEST_TIMEOUT: { retryable: true },
  BAD_USER_INPUT: { retryable: false },
  UNAUTHENTICATED: { retryable: false },
  IDENTITY_UNAVAILABLE: { retryable: true },
  LIMIT_EXCEEDED: { retryable: false },
  RATE_LIMITED: { retryable: true },
  DOCUMENT_NOT_TRUSTED: { retryable: false },
  UPSTREAM_UNAVAILABLE: { retryable: true },
  UPSTREAM_TIMEOUT: { retryable: true },
  UPSTREAM_RATE_LIMITED: { retryable: true },
  UPSTREAM_UNAUTHENTICATED: { retryable: false },
  UPSTREAM_FORBIDDEN: { retryable: false },
  UPSTREAM_NOT_FOUND: { retryable: false },
  UPSTREAM_REFUSED: { retryable: false },
  UPSTREAM_INVALID_RESPONSE: { retryable: true },
  UPSTREAM_BUDGET_EXCEEDED: { retryable: true },
  DEADLINE_EXCEEDED: { retryable: true },
  REQUEST_CANCELLED: { retryable: true },
  OVERLOADED: { retryable: true },
  SHUTTING_DOWN: { retryable: true },
  /** Returned only by the balancer in deploy/. */
  GATEWAY_UNAVAILABLE: { retryable: true },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;
export type UpstreamErrorCode = Exclude<
  ErrorCode,
  | 'BAD_REQUEST'
  | 'NOT_FOUND'
  | 'REQUEST_TIMEOUT'
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'IDENTITY_UNAVAILABLE'
  | 'LIMIT_EXCEEDED'
  | 'RATE_LIMITED'
  | 'DOCUMENT_NOT_TRUSTED'
  | 'OVERLOADED'
  | 'SHUTTING_DOWN'
  | 'GATEWAY_UNAVAILABLE'
>;

/** An error with a message for the caller: it contains a remedy and nothing secret. */
export abstract class GatewayError extends Error {
  abstract readonly code: ErrorCode;

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

/** A request refused with an HTTP status. */
export abstract class Refusal extends GatewayError {
  abstract readonly status: 400 | 401 | 403 | 404 | 405 | 406 | 408 | 413 | 415 | 421 | 429 | 431 | 503;
  /** Seconds after which to retry; null if a retry would not help. */
  readonly retryAfter: number | null = null;
  /** Further extensions of the error's entry. */
  readonly details: Readonly<Record<string, unknown>> = {};
}

/** An exceeded limit as in `extensions.limit`, with the names of `docs/errors.md`. */
export interface ExceededLimit {
  readonly name: string;
  /** Null if counting ended at the limit. */
  readonly value: number | null;
  readonly most: number;
  /** What the caller has to make smaller. */
  readonly of: 'document' | 'variables' | 'operation';
}

/** The request exceeds a limit. */
export class LimitError extends Refusal {
  override readonly name = 'LimitError';
  readonly status = 400;
  readonly code = 'LIMIT_EXCEEDED';
  override readonly details: { readonly limit: ExceededLimit };

  constructor(name: string, value: number | null, max: number, subject: ExceededLimit['of'] = 'operation') {
    const limit = { name, value, most: max, of: subject };
    super(`${limitText(limit)} Ask for less at once.`);
    this.details = { limit };
  }
}

/** What exceeds a limit, without a remedy. */
export function limitText({ name, value, most }: ExceededLimit): string {
  const counted = value === null ? '' : `: ${value}`;
  return `Too many ${name}${counted}; the maximum is ${most}.`;
}

const unavailable = {
  OVERLOADED: 'Server overloaded; retry after 1 s.',
  SHUTTING_DOWN: 'Server shutting down; retry after 1 s: another instance will answer.',
};

/** The request was not executed; another instance can answer it, or this one later. */
export class UnavailableError extends Refusal {
  override readonly name = 'UnavailableError';
  readonly status = 503;
  override readonly retryAfter = 1;
  readonly code: 'OVERLOADED' | 'SHUTTING_DOWN';

  constructor(code: 'OVERLOADED' | 'SHUTTING_DOWN', message = unavailable[code]) {
    super(message);
    this.code = code;
  }
}

/** A mistake of the caller. The message names the argument, and has the expected and the received value. */
export class CallerError extends GatewayError {
  override readonly name = 'CallerError';
  readonly code = 'BAD_USER_INPUT';

  constructor(message: string) {
    const { stackTraceLimit } = Error;
    // Nothing reads the stack, and an operation may have thousands of these errors.
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

export interface UpstreamErrorDetails {
  /** Route name, such as `POST /partner/external/v3/general/customers/batch`; never a URL with ids. */
  readonly endpoint: string;
  readonly status?: number;
  /** The upstream's own id of the failed request, for the vendor's support. */
  readonly requestId?: string;
  /** Wait requested by the upstream. */
  readonly retryAfterMs?: number;
  /** The call was not sent, since it was known to fail. */
  readonly notSent?: true;
  /** A retry would return the same response. */
  readonly isPermanent?: true;
  /** Position of the first invalid value in the body, such as `data[3].managementMode`. */
  readonly field?: string;
  /** The permission that the endpoint's reference page requires. */
  readonly permission?: string;
  /** The internal cause; never returned to a caller. */
  readonly cause?: unknown;
}

/** A failed upstream call: one error object for all fields that need it. */
export class UpstreamError extends GatewayError {
  override readonly name = 'UpstreamError';
  readonly code: UpstreamErrorCode;
  readonly details: UpstreamErrorDetails;

  constructor(code: UpstreamErrorCode, message: string, details: UpstreamErrorDetails) {
    super(message, { cause: details.cause });
    this.code = code;
    this.details = details;
  }
}

/** Error of all pending reads when the operation's deadline is reached or the gateway shuts down. */
export function deadlineExceeded(endpoint: string): UpstreamError {
  return new UpstreamError(
    'DEADLINE_EXCEEDED',
    'The operation timed out, or the gateway is shutting down. Request less at once, or retry.',
    { endpoint },
  );
}

/** An invalid field of a row; a retry would return the same row. */
export class FieldError extends UpstreamError {
  constructor(endpoint: string, field: string) {
    super('UPSTREAM_INVALID_RESPONSE', `The upstream's value of ${field} can't be understood.`, {
      endpoint,
      field,
    });
  }

  override get retryable(): boolean {
    return false;
  }
}

/** A file of the package is missing. */
export class PackageError extends Error {
  override readonly name = 'PackageError';
}

/** Throws if the gateway has a defect; the message is for developers and never reaches a caller. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant violated: ${message}`);
}
