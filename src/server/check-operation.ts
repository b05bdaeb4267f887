/** The limits of src/server/limits/ at the places where a request passes them. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GraphQLError, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import type { KnownLengths } from '../graph/known-lengths.ts';
import type { Viewer } from '../scope.ts';
import type { Cost, CostModel } from './limits/cost.ts';
import { parseDocument } from './limits/document.ts';
import { checkVariables, coerceVariables } from './limits/validation.ts';
import type { GraphQLSchema } from 'graphql';

export interface Limits {
  readonly schema: GraphQLSchema;
  readonly model: CostModel;
  readonly knownLengths: (viewer: Viewer) => KnownLengths;
  readonly max: Cost;
}

/** Guards the routes of a Fastify scope: a request with too large a document or variables is refused. */
export function guardDocuments(scope: FastifyInstance): void {
  scope.addHook('preHandler', (request, _reply, done) => {
    const { document, variables } = partsOf(request);
    try {
      if (typeof document === 'string') parseDocument(document);
      if (typeof variables === 'object' && variables !== null) checkVariables(variables);
      done();
    } catch (error) {
      // A syntax error is reported by GraphQL over HTTP.
      if (error instanceof GraphQLError) done();
      else done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** @throws LimitError, or GraphQLError if the variables do not fit */
export function checkOperation(
  { schema, model, knownLengths, max }: Limits,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  viewer: Viewer,
): Cost {
  const coerced = coerceVariables(schema, operation, variables);
  if (!('values' in coerced)) {
    const [error] = coerced.errors;
    throw new GraphQLError(error?.message ?? 'The variables do not fit.', {
      nodes: error?.nodes ?? null,
      extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
    });
  }
  return model.check(document, operation, coerced.values, knownLengths(viewer), max);
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

function parseVariables(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
