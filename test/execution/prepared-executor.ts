/** The executor with parsing, choice of an operation and coercion of variables. */
import { getOperationAST, getVariableValues, parse, type DocumentNode, type GraphQLSchema } from 'graphql';
import { createExecutor, type ExecutorOptions } from '../../src/execution/executor.ts';
import {
  serializeResponse,
  type ExecutionRequest,
  type SerializedResult,
} from '../../src/execution/request.ts';

export interface PreparedRequest extends Partial<Omit<ExecutionRequest, 'document' | 'operation'>> {
  readonly document: DocumentNode | string;
  readonly operationName?: string;
}

export const neverYields = { shouldYield: () => false, yield: () => Promise.resolve() };

/** @throws Error for a request that would not reach the executor */
export function createPreparedExecutor(
  schema: GraphQLSchema,
  options: Partial<Omit<ExecutorOptions, 'schema'>> = {},
): (request: PreparedRequest) => Promise<SerializedResult> {
  const execute = createExecutor({ schema, scheduler: neverYields, ...options });
  return async ({ document: asked, operationName, variables = {}, context = {}, ...request }) => {
    const document = typeof asked === 'string' ? parse(asked) : asked;
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new Error('There is no such operation.');
    const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    if (errors !== undefined) throw new AggregateError(errors, errors.join(' '));
    return execute({ ...request, document, operation, variables: coerced, context });
  };
}

/** A response as a caller sees it. */
export function read(result: SerializedResult): {
  readonly data: unknown;
  readonly errors?: readonly { readonly message: string; readonly path?: readonly (string | number)[] }[];
} {
  return JSON.parse(serializeResponse(result).join('')) as ReturnType<typeof read>;
}
