/** Tools of the gateway itself: what a call would cost, where files come from and, if permitted, free queries. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  GraphQLError,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { createExportTool, type ExportToolOptions } from './export-tool.ts';
import { LimitError } from '../errors.ts';
import { isObject } from '../json.ts';
import { addHiddenFields, reservedNameIn } from './hidden-fields.ts';
import { describeError, envelopeSchema, structured, toolError } from './answer.ts';
import type { Cost } from '../pricing/cost.ts';
import { oneLine, type ObjectSchema } from './json-schema.ts';
import { runOperation } from './operation-tool.ts';
import type { Tool } from './tool.ts';
import type { OperationTool } from './operation-files.ts';

export interface GatewayToolOptions {
  readonly schema: GraphQLSchema;
  readonly tools: readonly OperationTool[];
  readonly maxCost: Cost;
  /** Parses a document within the limits of documents. Throws a LimitError or a GraphQLError. */
  readonly parse: (text: string) => DocumentNode;
  /** Whether assistants may write queries of their own. */
  readonly hasQueries: boolean;
  /** Whether callers may read the schema. */
  readonly hasIntrospection: boolean;
  /** Null if there are no files to get. */
  readonly exports: ExportToolOptions | null;
}

/** Names that no file of tools may use. */
export const gatewayToolNames = ['operation_cost', 'export_command', 'query', 'search_schema'];

export function createGatewayTools(options: GatewayToolOptions): readonly Tool[] {
  const { hasQueries, hasIntrospection, exports } = options;
  return [
    costTool(options),
    ...(exports === null ? [] : [createExportTool(exports)]),
    ...(hasQueries ? [queryTool(options)] : []),
    ...(hasQueries && hasIntrospection ? [searchTool(options)] : []),
  ];
}

function objectOf(properties: ObjectSchema['properties'], required: readonly string[]): ObjectSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

const counts = { type: 'integer', minimum: 0 };
const costSchema = {
  type: 'object',
  properties: { rows: counts, values: counts, calls: counts },
  required: ['rows', 'values', 'calls'],
};

const queryProperties = {
  query: { type: 'string', description: 'A GraphQL document with one query or subscription.' },
  variables: { type: 'object', description: 'Values of its variables, by name.' },
};

function costTool(options: GatewayToolOptions): Tool {
  const { tools, maxCost, hasQueries } = options;
  const inputSchema = {
    ...objectOf(
      {
        tool: { type: 'string', enum: tools.map(({ name }) => name) },
        arguments: { type: 'object', description: 'As for the call of the tool.' },
        ...(hasQueries ? queryProperties : {}),
      },
      hasQueries ? [] : ['tool'],
    ),
  };
  return {
    name: 'operation_cost',
    description: `What a call of another tool${hasQueries ? ', or a query,' : ''} would cost at most, without calling it: rows and values of its answer, and calls of the backup service if nothing is cached, beside the most that is permitted. Use it before a call that could be large.`,
    inputSchema,
    outputSchema: objectOf({ cost: costSchema, most: costSchema, isPermitted: { type: 'boolean' } }, [
      'cost',
      'most',
      'isPermitted',
    ]),
    call: async ({ tool, arguments: given = {}, query, variables = {} }, { operations }) => {
      const found = tools.find(({ name }) => name === tool);
      if (found === undefined && !(hasQueries && typeof query === 'string')) {
        const names = tools.map(({ name }) => name).join(', ');
        return toolError(
          `BAD_USER_INPUT: tool: expected one of ${names}${hasQueries ? ', or a query' : ''}.`,
        );
      }
      const call =
        found === undefined
          ? freeCall(options, 'operation_cost', String(query), variables)
          : { tool: 'operation_cost', text: found.text, variables: recordOf(given), isProvided: true };
      if ('content' in call) return call;
      if (!isObject(given)) return toolError('BAD_USER_INPUT: arguments: expected an object.');
      const priced = await operations.cost(call);
      if ('failure' in priced) return failureResult(priced.failure);
      const { cost } = priced;
      const isPermitted =
        cost.rows <= maxCost.rows && cost.values <= maxCost.values && cost.calls <= maxCost.calls;
      return structured({ cost, most: maxCost, isPermitted });
    },
  };
}

function failureResult(json: string): CallToolResult {
  const { errors = [] } = JSON.parse(json) as { errors?: Parameters<typeof describeError>[0][] };
  return toolError(errors.map(describeError).join('\n'));
}

function queryTool(options: GatewayToolOptions): Tool {
  return {
    name: 'query',
    description:
      'Executes a GraphQL query of your own, if no other tool answers the question. Look names up with search_schema first, select few fields, and give lists a first.',
    inputSchema: objectOf(queryProperties, ['query']),
    outputSchema: envelopeSchema({ type: 'object' }),
    call: async ({ query, variables = {} }, context) => {
      if (typeof query !== 'string') return toolError('BAD_USER_INPUT: query: expected a GraphQL document.');
      const call = freeCall(options, 'query', query, variables);
      return 'content' in call ? call : runOperation(call, { afterArguments: new Map() }, context);
    },
  };
}

/** The caller's own document with the hidden fields, as far as it can be read; the pipeline says what is wrong with it. */
function freeCall(
  { schema, parse }: Pick<GatewayToolOptions, 'schema' | 'parse'>,
  tool: string,
  text: string,
  variables: unknown,
) {
  if (!isObject(variables)) return toolError('BAD_USER_INPUT: variables: expected an object.');
  const call = { tool, text, variables, isProvided: false };
  try {
    const document = parse(text);
    const reserved = reservedNameIn(document);
    if (reserved !== null)
      return toolError(`BAD_USER_INPUT: The alias ${reserved} begins with an underscore, which is reserved.`);
    return { ...call, text: addHiddenFields(schema, document) };
  } catch (error) {
    if (error instanceof GraphQLError || error instanceof LimitError) return call;
    throw error;
  }
}

interface SchemaEntry {
  readonly name: string;
  readonly type?: string;
  readonly arguments?: readonly string[];
  readonly description?: string;
}

const maxMatches = 40;
const maxDescription = 300;

function searchTool({ schema }: GatewayToolOptions): Tool {
  const entries = entriesOf(schema);
  const text = { type: 'string' };
  return {
    name: 'search_schema',
    description:
      'Finds types, fields, arguments and enum values of the GraphQL schema by words of their names and descriptions. The name of a type gives all of its fields.',
    inputSchema: objectOf(
      { search: { ...text, description: 'Words, or the name of a type, such as UserFilter.' } },
      ['search'],
    ),
    outputSchema: objectOf(
      {
        total: { type: 'integer' },
        matches: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              name: text,
              type: text,
              arguments: { type: 'array', items: text },
              description: text,
            },
            required: ['name'],
          },
        },
      },
      ['total', 'matches'],
    ),
    call: ({ search }, { maxCharacters }) => {
      if (typeof search !== 'string')
        return Promise.resolve(toolError('BAD_USER_INPUT: search: expected a text.'));
      const found = matching(entries, search.slice(0, 200));
      const matches: SchemaEntry[] = [];
      let characters = 100;
      for (const entry of found.slice(0, maxMatches)) {
        characters += JSON.stringify(entry).length + 1;
        if (characters > maxCharacters) break;
        matches.push(entry);
      }
      return Promise.resolve(structured({ total: found.length, matches }));
    },
  };
}

/** Those of a type by its name; else those that have all the words, in names before in descriptions. */
function matching(entries: readonly SchemaEntry[], search: string): readonly SchemaEntry[] {
  const wanted = search.trim().toLowerCase();
  const ofType = entries.filter(
    ({ name }) => name.toLowerCase() === wanted || name.toLowerCase().startsWith(`${wanted}.`),
  );
  if (ofType.length > 0) return ofType;
  const words = wanted.split(/\s+/);
  const scored = entries
    .map((entry) => {
      const name = entry.name.toLowerCase();
      const all = `${name} ${entry.description ?? ''}`.toLowerCase();
      const inName = words.filter((word) => name.includes(word)).length;
      return { entry, inName, isMatch: words.every((word) => all.includes(word)) };
    })
    .filter(({ isMatch }) => isMatch);
  return scored.sort((one, other) => other.inName - one.inName).map(({ entry }) => entry);
}

function entriesOf(schema: GraphQLSchema): readonly SchemaEntry[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !type.name.startsWith('_') && !type.name.includes('__'))
    .flatMap((type) => [describe(type.name, type), ...membersOf(type)]);
}

function membersOf(type: GraphQLNamedType): readonly SchemaEntry[] {
  if (isEnumType(type)) return type.getValues().map((value) => describe(`${type.name}.${value.name}`, value));
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map((field) => ({
      ...describe(`${type.name}.${field.name}`, field),
      type: String(field.type),
    }));
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields())
    .filter(({ name, type: of }) => !name.startsWith('_') && !getNamedType(of).name.startsWith('_'))
    .map((field) => ({
      ...describe(`${type.name}.${field.name}`, field),
      type: String(field.type),
      ...(field.args.length === 0
        ? {}
        : { arguments: field.args.map(({ name, type: of }) => `${name}: ${String(of)}`) }),
    }));
}

function describe(
  name: string,
  { description }: { readonly description?: string | null | undefined },
): SchemaEntry {
  if (description === null || description === undefined) return { name };
  const line = oneLine(description);
  return { name, description: line.length > maxDescription ? `${line.slice(0, maxDescription)}…` : line };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}
