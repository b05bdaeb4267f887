/** What a gateway answers if there is no report, and what keeps it from answering, as the command's errors. */
import { errorCodeOf, explainFailure } from '../transport/failure-cause.ts';
import { inWordsOfOptions } from './report-options.ts';
import { exitCodes, ReportError } from './report-outcome.ts';
import { plainText } from './text-width.ts';

/** Codes of a gateway, or of what is in front of it, that can't reach what it needs. */
const unreachable = ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'GATEWAY_UNAVAILABLE'];

interface GatewayError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** @param inWords the message in words of the command */
export function errorOf(errors: readonly GatewayError[], inWords = inWordsOfOptions): ReportError {
  const isUnreachable = errors.some(({ extensions }) => unreachable.includes(String(extensions?.['code'])));
  const text = errors.map(({ message }) => plainText(inWords(message))).join('\n');
  // In words of an option that only the gateway can check.
  const isUsage = text.startsWith('--');
  return new ReportError(
    text,
    isUnreachable ? exitCodes.notConnected : isUsage ? exitCodes.usage : exitCodes.failed,
  );
}

/** What is said with a status of its own, such as 401. */
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

/** Without the URL's user, password and query. */
export function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

/**
 * @param failure of the request, null if there was an answer
 * @param error of the client
 */
export function failureOf(url: URL, failure: unknown, error: unknown): ReportError {
  const cause = failure ?? error;
  // The client's own errors say what was answered; those of the connection have a code.
  if (errorCodeOf(cause) !== '') {
    const { text } = explainFailure(cause, { name: 'The gateway', url, setting: '--url' });
    return new ReportError(text, exitCodes.notConnected);
  }
  // Of a request that was not made, such as one to a port that `fetch` blocks, the cause alone says why.
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const reason = plainText(inner instanceof Error ? inner.message : String(inner));
  return new ReportError(
    `${shown(url)} did not answer to the end: ${reason}`,
    failure === null ? exitCodes.failed : exitCodes.notConnected,
  );
}
