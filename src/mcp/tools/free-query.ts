/** Documents written by callers. */
import { GraphQLError, Kind, print, type DocumentNode, type GraphQLSchema } from 'graphql';
import { LimitError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { failure } from '../answers/answer.ts';
import { addHiddenFields, reservedNameIn } from '../documents/hidden-fields.ts';
import { withRanges } from '../documents/list-ranges.ts';
import { splitOffset } from '../documents/list-offset.ts';
import type { ToolAnswer, ToolFailure } from '../answers/tool-answer.ts';
import type { OperationCall } from './tool.ts';
import { defaultsOf } from '../documents/variable-uses.ts';

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

/** Adds the hidden fields to a document if it can be parsed; if not, the pipeline reports the fault. */
export function freeCall(
  { schema, parse }: FreeQueryOptions,
  given: JsonObject,
): OperationCall | ToolFailure {
  const split = splitOffset(given);
  if ('fault' in split) return failure('BAD_USER_INPUT', split.fault);
  const { variables: own, listAfter } = split;
  const { query, variables = {} } = own;
  const text = String(query);
  const call = {
    text,
    variables: variables as OperationCall['variables'],
    isProvided: false,
    listAfter,
  };
  try {
    const document = parse(text);
    const reserved = reservedNameIn(document);
    if (reserved !== null)
      return failure('BAD_USER_INPUT', `The alias ${reserved} begins with an underscore, which is reserved.`);
    const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
    const [operation] = operations;
    if (operation === undefined || operations.length > 1)
      return failure(
        'OPERATION_RESOLUTION_FAILURE',
        `The query has ${operations.length} operations. Send exactly one.`,
      );
    const { document: extended, ranges } = addHiddenFields(schema, document);
    const all = { ...defaultsOf(operation), ...call.variables };
    return { ...call, text: print(extended), variables: withRanges(all, ranges) };
  } catch (error) {
    if (error instanceof GraphQLError || error instanceof LimitError) return call;
    throw error;
  }
}

/** Adds the tool that finds names to an error about wrong names. */
export function withSearchHint<Answer extends ToolAnswer>(
  answer: Answer,
  { hasIntrospection }: Pick<FreeQueryOptions, 'hasIntrospection'>,
): Answer | ToolFailure {
  const isWrong = 'code' in answer && answer.code === 'GRAPHQL_VALIDATION_FAILED';
  return isWrong && hasIntrospection
    ? failure(answer.code, `${answer.text} Look names up with search_schema.`)
    : answer;
}
