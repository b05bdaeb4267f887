/** Advice to assistants after an error, by the error's code. */
import type { GraphQLFormattedError } from 'graphql';
import { limitText, type ErrorCode, type ExceededLimit } from '../../errors.ts';
import { isObject } from '../../json.ts';
import type { ToolFailure } from './tool-answer.ts';

type DocumentErrorCode =
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'OPERATION_RESOLUTION_FAILURE'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'INTERNAL_SERVER_ERROR';

const later = 'Wait a moment and call again, once.';
/** For errors that state a waiting time. */
const then = 'Call again then, once.';
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
  RATE_LIMITED: then,
  DOCUMENT_NOT_TRUSTED: 'Free queries are not permitted to this caller. Use one of the other tools.',
  UPSTREAM_UNAVAILABLE: later,
  UPSTREAM_TIMEOUT: later,
  UPSTREAM_RATE_LIMITED: 'The backup service is throttling calls. Call again once, after a minute.',
  UPSTREAM_UNAUTHENTICATED: forOperator,
  UPSTREAM_FORBIDDEN: forOperator,
  UPSTREAM_NOT_FOUND: 'There is nothing under this id. Look the id up by a search, and call again.',
  UPSTREAM_REFUSED: forOperator,
  UPSTREAM_INVALID_RESPONSE: later,
  // The messages of these two contain a remedy.
  UPSTREAM_BUDGET_EXCEEDED: '',
  DEADLINE_EXCEEDED: 'Rows read so far are cached: repeat the call to get further.',
  REQUEST_CANCELLED: 'The call was cancelled.',
  OVERLOADED: then,
  SHUTTING_DOWN: then,
  GATEWAY_UNAVAILABLE: later,
  GRAPHQL_PARSE_FAILED: 'Correct the query and call again.',
  GRAPHQL_VALIDATION_FAILED: 'Correct the query and call again.',
  OPERATION_RESOLUTION_FAILURE: 'Send exactly one operation.',
  PERSISTED_QUERY_NOT_FOUND: 'Send the query itself.',
  INTERNAL_SERVER_ERROR: forOperator,
} as const satisfies Readonly<Record<ErrorCode | DocumentErrorCode, string>>;

/** How to stay within a limit, by what exceeds it. */
const limitAdvice: Readonly<Record<ExceededLimit['of'], string>> = {
  document: 'Shorten the query, and call again.',
  variables: 'Shorten the texts and lists of the arguments, and call again.',
  operation: less,
};

/** Describes what happened and what to do next. */
export function describeError({ message, extensions = {} }: GraphQLFormattedError): ToolFailure {
  const { code, retryAfter, limit } = extensions;
  const described = (what: string, remedy: string) => ({
    code: String(code),
    text: `${what} ${remedy}`.trim(),
  });
  if (code === 'LIMIT_EXCEEDED' && isObject(limit)) {
    const exceeded = limit as unknown as ExceededLimit;
    return described(limitText(exceeded), limitAdvice[exceeded.of]);
  }
  const remedy = adviceFor(code);
  return typeof retryAfter === 'number' && remedy !== then
    ? described(message, `Wait ${retryAfter} s, then call again, once.`)
    : described(message, remedy);
}

/** Advice about a missing part of an answer, which no argument has caused. */
export function adviceForMissing(code: unknown): string {
  return code === 'UPSTREAM_NOT_FOUND'
    ? 'It has no such data, such as a tenant without the backup product: it stays missing.'
    : adviceFor(code);
}

/** Empty for a code without advice. */
function adviceFor(code: unknown): string {
  return Object.hasOwn(advice, String(code)) ? advice[code as keyof typeof advice] : '';
}
