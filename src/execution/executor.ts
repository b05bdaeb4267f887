/** Query executor with cached plans. */
import { isObjectType, OperationTypeNode, type GraphQLSchema } from 'graphql';
import { execute } from './execute.ts';
import type { RecordTypes } from './plan.ts';
import { PlanCache } from './plan-cache.ts';
import type { ExecutionRequest, Scheduler, SerializedResult } from './request.ts';
import { TextCache } from './text-cache.ts';

export interface ExecutorOptions {
  readonly schema: GraphQLSchema;
  readonly scheduler: Scheduler;
  readonly recordTypes?: RecordTypes;
  readonly maxTextCharacters?: number;
  /** Estimated bytes of cached plans. */
  readonly maxPlanBytes?: number;
}

const mebibyte = 1024 * 1024;

/**
 * Returns a function that executes queries. It rejects with the errors of `output` and of the scheduler, and for
 * mutations and subscriptions. Throws for a schema without queries, and for types with `isTypeOf`, which is not
 * supported.
 */
export function createExecutor({
  schema,
  scheduler,
  recordTypes = new Map(),
  maxTextCharacters = 32 * mebibyte,
  maxPlanBytes = 32 * mebibyte,
}: ExecutorOptions): (request: ExecutionRequest) => Promise<SerializedResult> {
  const rootType = schema.getQueryType();
  if (!rootType) throw new Error('The schema has no query type; add one.');
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && typeof type.isTypeOf === 'function') {
      throw new Error(
        `The type ${type.name} has isTypeOf, which is not supported; resolve abstract types by resolveType.`,
      );
    }
  }
  const planCache = new PlanCache({ schema, rootType, recordTypes }, maxPlanBytes);
  const textCache = new TextCache(maxTextCharacters);
  return async (request) => {
    const { document, operation, variables } = request;
    if (operation.operation !== OperationTypeNode.QUERY) {
      throw new Error(`Expected a query, but got a ${operation.operation}.`);
    }
    const plans = planCache.find(document, operation, variables);
    return execute({ request, plans, scheduler, textCache });
  };
}
