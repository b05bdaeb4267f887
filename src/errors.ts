/**
 * Every error the gateway can give a caller, in one table: docs/errors.md has the same rows and a test compares them.
 * What leaves the process is decided in `server/pipeline/format-error.ts` alone, by allow-list.
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
  UPSTREAM_BUDGET_EXCEEDED: { retryable: false },
  DEADLINE_EXCEEDED: { retryable: true },
  REQUEST_CANCELLED: { retryable: true },
  OVERLOADED: { retryable: true },
  SHUTTING_DOWN: { retryable: true },
  /** Of the balancer in deploy/ alone. */
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

/** An error whose message is written for the caller: it says what to do and carries nothing secret. */
export abstract class GatewayError extends Error {
  abstract readonly code: ErrorCode;

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

/** A request that is not answered at all: an HTTP status says so, and the message why. */
export abstract class Refusal extends GatewayError {
  abstract readonly status: 400 | 401 | 403 | 404 | 405 | 406 | 408 | 413 | 415 | 421 | 429 | 431 | 503;
  /** In how many seconds to come back; null if that would be of no use. */
  readonly retryAfter: number | null = null;
  /** Further extensions of the error's entry. */
  readonly details: Readonly<Record<string, unknown>> = {};
}

/** The caller asks for more than the gateway does for one request. */
export class LimitError extends Refusal {
  override readonly name = 'LimitError';
  readonly status = 400;
  readonly code = 'LIMIT_EXCEEDED';
  /** What was counted, how much of it there is, null if counting ended there, and how much is allowed. */
  override readonly details: {
    readonly limit: { readonly name: string; readonly value: number | null; readonly most: number };
  };

  constructor(name: string, value: number | null, max: number) {
    const counted = value === null ? '' : `: ${value}`;
    super(`The operation has too many ${name}${counted}, and ${max} are allowed. Ask for less at once.`);
    this.details = { limit: { name, value, most: max } };
  }
}

const unavailable = {
  OVERLOADED: 'Server overloaded; retry after 1 s.',
  SHUTTING_DOWN: 'Server shutting down; retry after 1 s: another instance will answer.',
};

/** The request was not executed; another instance, or this one in a moment, will answer it. */
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

/** The caller's mistake. The message names the argument, says what was expected and quotes what was got. */
export class CallerError extends GatewayError {
  override readonly name = 'CallerError';
  readonly code = 'BAD_USER_INPUT';

  constructor(message: string) {
    const { stackTraceLimit } = Error;
    // Its stack is never read, and an operation may have thousands of them.
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

export interface UpstreamErrorDetails {
  /** The endpoint by its route, such as `POST /partner/external/v3/general/customers/batch`; never a URL with ids. */
  readonly endpoint: string;
  readonly status?: number;
  /** The upstream's own id of the failed request, to quote to the vendor's support. */
  readonly requestId?: string;
  /** How long the upstream asks to wait. */
  readonly retryAfterMs?: number;
  /** The gateway knew beforehand that the call was of no use, and did not make it. */
  readonly notSent?: true;
  /** A retry would bring the same answer. */
  readonly isPermanent?: true;
  /** Where in the body the first thing stood that can't be understood, such as `data[3].managementMode`. */
  readonly field?: string;
  /** The permission that the reference page of the endpoint asks for. */
  readonly permission?: string;
  /** The reason as the process saw it; never shown to a caller. */
  readonly cause?: unknown;
}

/** A call to the upstream that failed. One call's failure is one error object, whatever number of fields it costs. */
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

/** Of all that is still to be read when the operation's time is over. */
export function deadlineExceeded(endpoint: string): UpstreamError {
  return new UpstreamError(
    'DEADLINE_EXCEEDED',
    "The operation's time was over before all of it had been read. Ask for less at once, or ask again: what has been read stays at hand for a while.",
    { endpoint },
  );
}

/** A field of a row that could not be understood; asking again would bring the same row. */
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

/** A copy of the gateway lacks a file; the message says which. */
export class PackageError extends Error {
  override readonly name = 'PackageError';
}

/** Throws when the gateway itself is wrong; what it says is for its developers and never reaches a caller. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant violated: ${message}`);
}
