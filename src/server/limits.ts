/** What one request may ask for: its document is counted before anything else, and what it could come to before it runs. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  getVariableValues,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { costOf, type Cost } from './cost.ts';
import { DocumentGuard, LimitError } from './document-limits.ts';
import { introspectedValues } from './introspection.ts';

export interface Limits {
  readonly schema: GraphQLSchema;
  /** Of one operation: rows that its answer could have, and calls of the upstream that could be needed for it. */
  readonly most: Cost;
}

/** Of variables: deeper ones are no input of this schema, and only keep those busy who walk through them. */
const deepestVariables = 50;

/** Guards the routes of a Fastify scope: a request with too much of a document gets no further. */
export function guardDocuments(scope: FastifyInstance): void {
  const guard = new DocumentGuard();
  scope.addHook('preHandler', (request, _reply, done) => {
    const { document, variables } = partsOf(request);
    try {
      if (typeof document === 'string') guard.check(document);
      checkDepth(variables);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** Of operations that no variable changes. */
const known = new WeakMap<OperationDefinitionNode, Cost>();

/** Three times what tools ask that want to know all of it. */
const mostIntrospected = 40_000;
/** Operations that ask for less of the schema. */
const modest = new WeakSet<OperationDefinitionNode>();

/**
 * What an operation could come to. Variables that do not fit are told of elsewhere.
 *
 * @throws LimitError
 */
export function checkCost(
  { schema, most }: Limits,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Cost {
  if (!modest.has(operation)) {
    const values = Math.round(introspectedValues(schema, document, operation));
    if (values > mostIntrospected) throw new LimitError('values of the schema', values, mostIntrospected);
    modest.add(operation);
  }
  const definitions = operation.variableDefinitions ?? [];
  let cost = known.get(operation);
  if (cost === undefined) {
    const { coerced } = getVariableValues(schema, definitions, variables);
    if (coerced === undefined) return { rows: 0, calls: 0 };
    cost = costOf(schema, document, operation, coerced);
    if (definitions.length === 0) known.set(operation, cost);
  }
  if (cost.rows > most.rows) throw new LimitError('possible rows', cost.rows, most.rows);
  if (cost.calls > most.calls) throw new LimitError('possible calls of the upstream', cost.calls, most.calls);
  return cost;
}

interface RequestParts {
  readonly document: unknown;
  readonly variables: unknown;
}

function partsOf({ method, query, body }: FastifyRequest): RequestParts {
  const isGet = method === 'GET';
  const asked: unknown = isGet ? query : body;
  if (typeof asked !== 'object' || asked === null) return { document: null, variables: null };
  const { query: document, variables } = asked as { readonly query?: unknown; readonly variables?: unknown };
  return {
    document,
    variables: isGet && typeof variables === 'string' ? parseVariables(variables) : variables,
  };
}

/** Text that is no JSON is told of elsewhere. */
function parseVariables(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Without recursion: how deep it is, is the caller's choice. */
function checkDepth(variables: unknown): void {
  let level: unknown[] = [variables];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepestVariables) throw new LimitError('levels of variables', depth, deepestVariables);
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
}
