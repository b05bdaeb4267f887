/** Every outcome of a request as a type: only `dataOf` and iterations throw. */
import { decodeError, record, type AnswerErrors } from './errors.ts';

/** Outcome of a request. */
export type Outcome<Data> =
  /** The data is complete. */
  | { readonly kind: 'complete'; readonly data: Data }
  /** Some fields are null because of these errors. */
  | { readonly kind: 'partial'; readonly data: Data; readonly errors: AnswerErrors }
  /** Only errors: the operation is wrong, or was refused. */
  | {
      readonly kind: 'failed';
      readonly errors: AnswerErrors;
      readonly status: number;
      /** Seconds to wait before the next request; null if unknown. */
      readonly retryAfterSeconds: number | null;
    }
  /** The response is not a working gateway's, such as a proxy's HTML page. */
  | {
      readonly kind: 'invalid';
      readonly status: number;
      readonly retryAfterSeconds: number | null;
      readonly reason: string;
    }
  /** No complete answer arrived: the network has failed. */
  | { readonly kind: 'unreachable'; readonly cause: unknown }
  /** The request's signal has aborted. */
  | { readonly kind: 'aborted'; readonly reason: unknown };

export type Failure = Exclude<Outcome<unknown>, { kind: 'complete' }>;

/** Thrown by `dataOf`, and by iterations. */
export class RequestFailedError extends Error {
  override readonly name = 'RequestFailedError';
  readonly outcome: Failure;

  constructor(outcome: Failure) {
    super(messageOf(outcome), causeOf(outcome));
    this.outcome = outcome;
  }

  /** Seconds to wait before the same request; null if unknown. */
  get retryAfterSeconds(): number | null {
    const { outcome } = this;
    const ofAnswer = 'retryAfterSeconds' in outcome ? outcome.retryAfterSeconds : null;
    if (ofAnswer !== null || !('errors' in outcome)) return ofAnswer;
    return (
      outcome.errors.find(({ retryAfterSeconds }) => retryAfterSeconds !== null)?.retryAfterSeconds ?? null
    );
  }
}

/** Returns a complete outcome's data. @throws RequestFailedError for any other outcome */
export function dataOf<Data>(outcome: Outcome<Data>): Data {
  if (outcome.kind === 'complete') return outcome.data;
  throw new RequestFailedError(outcome);
}

/** Rejects if the body breaks off. */
export async function outcomeOfResponse<Data>(response: Response): Promise<Outcome<Data>> {
  const text = await response.text();
  const { status, headers } = response;
  const retryAfterSeconds = secondsIn(headers.get('retry-after'));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    const reason = `its body is ${headers.get('content-type') ?? 'of no type'}, not JSON`;
    return { kind: 'invalid', status, retryAfterSeconds, reason };
  }
  return outcomeOfBody(body, status, retryAfterSeconds);
}

/** @param body an undecoded answer, or one event of a stream */
export function outcomeOfBody<Data>(
  body: unknown,
  status = 200,
  retryAfterSeconds: number | null = null,
): Outcome<Data> {
  const { data, errors } = record(body) as { readonly data?: Data | null; readonly errors?: unknown };
  const [first, ...others] = Array.isArray(errors) ? errors.map(decodeError) : [];
  const all: AnswerErrors | null = first === undefined ? null : [first, ...others];
  if (data !== undefined && data !== null) {
    return all === null ? { kind: 'complete', data } : { kind: 'partial', data, errors: all };
  }
  if (all !== null) return { kind: 'failed', errors: all, status, retryAfterSeconds };
  return { kind: 'invalid', status, retryAfterSeconds, reason: 'it has neither data nor errors' };
}

/** @param cause the error of the rejected request */
export function outcomeOfFailure(
  cause: unknown,
  signal: AbortSignal | undefined,
): Extract<Failure, { kind: 'aborted' | 'unreachable' }> {
  if (signal?.aborted === true) return { kind: 'aborted', reason: signal.reason };
  return { kind: 'unreachable', cause };
}

function messageOf(outcome: Failure): string {
  switch (outcome.kind) {
    case 'aborted':
      return 'The request was aborted.';
    case 'unreachable':
      return 'The gateway did not answer, or not to the end.';
    case 'invalid':
      return `The response is not usable (status ${outcome.status}): ${outcome.reason}.`;
    case 'failed':
    case 'partial':
      return outcome.errors.map(({ code, message }) => `${code}: ${message}`).join('\n');
  }
}

function causeOf(outcome: Failure): { readonly cause?: unknown } {
  if (outcome.kind === 'unreachable') return { cause: outcome.cause };
  return outcome.kind === 'aborted' ? { cause: outcome.reason } : {};
}

/** Parses a Retry-After header: seconds, or a date (RFC 9110, section 10.2.3). */
function secondsIn(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}
