/** What an assistant does next after an error, by the error's code. */
import type { ErrorCode } from '../errors.ts';

type DocumentErrorCode =
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'OPERATION_RESOLUTION_FAILURE'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'INTERNAL_SERVER_ERROR';

const later = 'Wait a moment and call again, once.';
const forOperator = "Don't call again: the operator of the gateway has to look at this.";
const less = 'Ask for less: fewer rows (first), or a narrower filter.';
const correct = 'Correct the arguments and call again.';

const advice = {
  BAD_REQUEST: correct,
  NOT_FOUND: correct,
  REQUEST_TIMEOUT: later,
  BAD_USER_INPUT: correct,
  UNAUTHENTICATED: 'Ask the user to sign in again, or for a valid API key.',
  IDENTITY_UNAVAILABLE: later,
  LIMIT_EXCEEDED: less,
  RATE_LIMITED: 'Wait as long as the message says, then call again.',
  DOCUMENT_NOT_TRUSTED: 'Free queries are not permitted to this caller. Use one of the other tools.',
  UPSTREAM_UNAVAILABLE: later,
  UPSTREAM_TIMEOUT: later,
  UPSTREAM_RATE_LIMITED: 'The backup service asks to wait. Call again in a minute, once.',
  UPSTREAM_UNAUTHENTICATED: forOperator,
  UPSTREAM_FORBIDDEN: forOperator,
  UPSTREAM_NOT_FOUND: 'There is nothing under this id. Look the id up by a search, and call again.',
  UPSTREAM_REFUSED: forOperator,
  UPSTREAM_INVALID_RESPONSE: later,
  UPSTREAM_BUDGET_EXCEEDED: `${less} What was read is cached, so that the same call again comes further.`,
  DEADLINE_EXCEEDED: `Call again: what was read is cached, so that it comes further. Or ask for less.`,
  REQUEST_CANCELLED: 'The call was cancelled.',
  OVERLOADED: later,
  SHUTTING_DOWN: later,
  GATEWAY_UNAVAILABLE: later,
  GRAPHQL_PARSE_FAILED: 'Correct the query and call again.',
  GRAPHQL_VALIDATION_FAILED: 'Correct the query and call again.',
  OPERATION_RESOLUTION_FAILURE: 'Send exactly one operation.',
  PERSISTED_QUERY_NOT_FOUND: 'Send the query itself.',
  INTERNAL_SERVER_ERROR: forOperator,
} as const satisfies Readonly<Record<ErrorCode | DocumentErrorCode, string>>;

/** Empty for a code that has none. */
export function adviceFor(code: unknown): string {
  return Object.hasOwn(advice, String(code)) ? advice[code as keyof typeof advice] : '';
}

/** Limits of a document's text, by their names. */
const documentLimit =
  /^(?:characters|lines|tokens|levels(?: of brackets| of values)?|operations|fragments|variables|aliases)$/;

/** What makes a call keep to a limit; null if it has to ask for less, as the message says. */
export function adviceForLimit(name: string): string | null {
  if (/ of (?:variables|a variable)$/.test(name))
    return 'Shorten the texts and lists of the arguments, and call again.';
  return documentLimit.test(name) ? 'Shorten the query, and call again.' : null;
}
