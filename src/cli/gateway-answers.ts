/** Converts a gateway's errors and connection failures to errors of the command. */
import { errorCodeOf, explainFailure } from '../transport/failure-cause.ts';
import { AnswerError } from './gateway-fetch.ts';
import { inWordsOfOptions } from './report-options.ts';
import { exitCodes, ReportError } from './report-outcome.ts';
import { plainText } from './text-width.ts';

/** Error codes for an unreachable upstream, or an unreachable gateway behind a proxy. */
const unreachable = ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'GATEWAY_UNAVAILABLE'];

interface GatewayError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** @param inWords rephrases a message in terms of the command's options */
export function errorOf(errors: readonly GatewayError[], inWords = inWordsOfOptions): ReportError {
  const isUnreachable = errors.some(({ extensions }) => unreachable.includes(String(extensions?.['code'])));
  const text = errors.map(({ message }) => plainText(inWords(message))).join('\n');
  // The value of an option that only the gateway can check.
  const isUsage = text.startsWith('--');
  return new ReportError(
    text,
    isUnreachable ? exitCodes.notConnected : isUsage ? exitCodes.usage : exitCodes.failed,
  );
}

/** Reads the error of a response with a status other than 200. */
export async function refusalOf(
  url: URL,
  response: Response,
  inWords = inWordsOfOptions,
): Promise<ReportError> {
  const body = (await response.json().catch(() => null)) as { errors?: readonly GatewayError[] } | null;
  if (Array.isArray(body?.errors) && body.errors.length > 0) return errorOf(body.errors, inWords);
  return new ReportError(
    `${shown(url)} answers with status ${response.status}: check --url, which ends with /graphql.`,
  );
}

/** Formats a URL without user, password and query. */
export function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/**
 * @param failure error of the request; null if there was a response
 * @param error error of the GraphQL client
 */
export function failureOf(url: URL, failure: unknown, error: unknown): ReportError {
  const cause = failure ?? error;
  if (cause instanceof AnswerError) return new ReportError(cause.message);
  // Connection errors have a code.
  if (errorCodeOf(cause) !== '') {
    const { text } = explainFailure(cause, { name: 'The gateway', url, setting: '--url' });
    return new ReportError(text, exitCodes.notConnected);
  }
  // If no request was made, as to a port that `fetch` blocks, only the cause has the reason.
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const reason = plainText(inner instanceof Error ? inner.message : String(inner));
  return new ReportError(
    `${shown(url)} did not answer to the end: ${reason}`,
    failure === null ? exitCodes.failed : exitCodes.notConnected,
  );
}
