/** Documents that a caller writes. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import { GraphQLError, Kind, type DocumentNode, type GraphQLSchema } from 'graphql';
import { LimitError } from '../errors.ts';
import { toolError } from './answer.ts';
import { addHiddenFields, reservedNameIn } from './hidden-fields.ts';
import { defaultsOf } from './operation-files.ts';
import type { OperationCall } from './tool.ts';

export interface FreeQueryOptions {
  readonly schema: GraphQLSchema;
  /** Parses a document within the limits of documents. Throws a LimitError or a GraphQLError. */
  readonly parse: (text: string) => DocumentNode;
  /** Whether callers may read the schema. */
  readonly hasIntrospection: boolean;
}

/** Arguments of a tool that takes a document. */
export const queryProperties = {
  query: { type: 'string', description: 'A GraphQL document with one query or subscription.' },
  variables: { type: 'object', description: 'Values of its variables, by name.' },
};

/** The document with the hidden fields if it can be parsed; if not, the pipeline reports the fault. */
export function freeCall(
  { schema, parse }: FreeQueryOptions,
  { query, variables = {} }: Readonly<Record<string, unknown>>,
): OperationCall | CallToolResult {
  const text = String(query);
  const call = { text, variables: variables as OperationCall['variables'], isProvided: false };
  try {
    const document = parse(text);
    const reserved = reservedNameIn(document);
    if (reserved !== null)
      return toolError(`BAD_USER_INPUT: The alias ${reserved} begins with an underscore, which is reserved.`);
    const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
    const [operation] = operations;
    if (operation === undefined || operations.length > 1)
      return toolError(
        `OPERATION_RESOLUTION_FAILURE: The query has ${operations.length} operations. Send exactly one.`,
      );
    return {
      ...call,
      text: addHiddenFields(schema, document),
      variables: { ...defaultsOf(operation), ...call.variables },
    };
  } catch (error) {
    if (error instanceof GraphQLError || error instanceof LimitError) return call;
    throw error;
  }
}

/** An error of a document whose names are wrong also names the tool that finds them. */
export function withSearchHint(
  result: CallToolResult,
  { hasIntrospection }: Pick<FreeQueryOptions, 'hasIntrospection'>,
): CallToolResult {
  const [first] = result.content;
  const isWrong = first?.type === 'text' && first.text.startsWith('GRAPHQL_VALIDATION_FAILED');
  return isWrong && result.isError === true && hasIntrospection
    ? toolError(`${first.text} Look names up with search_schema.`)
    : result;
}
