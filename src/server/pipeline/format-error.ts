/** Formats errors for callers, by an allow-list of codes; each cause is one entry, with all paths in `extensions.paths`. */
import { GraphQLError, isValueNode, type GraphQLFormattedError } from 'graphql';
import { GatewayError, Refusal, UpstreamError } from '../../errors.ts';

/** Codes of Apollo Server's errors whose messages quote only the document and the variables. */
const documentErrorCodes = new Set<unknown>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
]);

function formatError(error: GraphQLError, report: (error: unknown) => void): GraphQLFormattedError {
  const { message, extensions, ...place } = error.toJSON();
  const cause = causeOf(error);
  if (cause instanceof GatewayError) {
    const { code, retryable } = cause;
    return { message: cause.message, ...place, extensions: { code, retryable, ...detailsOf(cause) } };
  }
  const given = extensions?.['code'];
  const code = !documentErrorCodes.has(given) && isOfInput(cause) ? 'BAD_USER_INPUT' : given;
  if (documentErrorCodes.has(code)) return { message, ...place, extensions: { code } };
  report(cause);
  return {
    message: 'The gateway failed. The fault is on its side and has been logged.',
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  };
}

/** Unwraps the error that a resolver threw. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

/** Returns an error's type for traces, of low cardinality: a code of the gateway, or `_OTHER`. */
export function errorTypeOf(error: unknown): string {
  const cause = causeOf(error);
  return cause instanceof GatewayError ? cause.code : '_OTHER';
}

/** Whether an input value was at fault, such as a null variable in a non-null position. */
function isOfInput(cause: unknown): boolean {
  const [node] = cause instanceof GraphQLError ? (cause.nodes ?? []) : [];
  return node !== undefined && isValueNode(node);
}

/** Number of errors beyond which those with the same message are merged as well. */
const maxEntries = 100;

/** Formats errors as one entry for each cause. Calls `report` with each unexpected error. */
export function formatErrors(
  errors: readonly GraphQLError[],
  report: (error: unknown) => void,
): GraphQLFormattedError[] {
  const merged = new Map<unknown, [GraphQLFormattedError, ...GraphQLFormattedError[]]>();
  for (const error of errors) {
    const entry = formatError(error, report);
    const cause = causeOf(error);
    const isSame = errors.length > maxEntries && cause instanceof GatewayError;
    const key = cause instanceof UpstreamError ? cause : isSame ? `${cause.code} ${cause.message}` : entry;
    const same = merged.get(key);
    if (same === undefined) merged.set(key, [entry]);
    else same.push(entry);
  }
  return [...merged.values()].map((same) => {
    const [first] = same;
    if (same.length === 1) return first;
    return { ...first, extensions: { ...first.extensions, paths: same.map(({ path }) => path) } };
  });
}

function detailsOf(error: GatewayError): object {
  if (error instanceof Refusal)
    return { ...(error.retryAfter === null ? {} : { retryAfter: error.retryAfter }), ...error.details };
  if (!(error instanceof UpstreamError)) return {};
  const { endpoint, status, requestId, retryAfterMs, field, permission } = error.details;
  // In whole seconds, as in the upstream's header.
  const retryAfter = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000);
  return { endpoint, status, requestId, retryAfter, field, permission };
}
