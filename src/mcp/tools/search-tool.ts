/** Tool that finds names in the GraphQL schema. */
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { complete } from '../answers/answer.ts';
import { argumentsSchema, objectSchema, oneLine } from '../documents/json-schema.ts';
import type { Tool } from './tool.ts';

interface SchemaEntry {
  readonly name: string;
  readonly type?: string;
  readonly arguments?: readonly string[];
  readonly description?: string;
}

const maxMatches = 40;
const maxDescription = 300;

export function createSearchTool(schema: GraphQLSchema): Tool {
  const entries = entriesOf(schema);
  const text = { type: 'string' };
  return {
    name: 'search_schema',
    description:
      'Finds types, fields, arguments and enum values of the GraphQL schema by words of their names and descriptions. The name of a type gives all of its fields.',
    inputSchema: argumentsSchema(
      {
        search: { ...text, description: 'Words, or the name of a type, such as UserFilter.' },
        skip: { type: 'integer', minimum: 0, description: 'How many matches you have had.' },
      },
      ['search'],
    ),
    outputSchema: objectSchema(
      {
        total: { type: 'integer' },
        next: { type: ['object', 'null'], properties: { skip: { type: 'integer' } } },
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
      ['total', 'matches', 'next'],
    ),
    call: ({ search, skip = 0 }, { maxCharacters }) => {
      const found = matching(entries, String(search).slice(0, 200));
      const matches: SchemaEntry[] = [];
      let characters = 100;
      for (const entry of found.slice(Number(skip), Number(skip) + maxMatches)) {
        characters += JSON.stringify(entry).length + 1;
        if (characters > maxCharacters && matches.length > 0) break;
        matches.push(entry);
      }
      const end = Number(skip) + matches.length;
      const next = end < found.length ? { skip: end } : null;
      return Promise.resolve(complete({ total: found.length, matches, next }));
    },
  };
}

/** Returns the entries of a type by its name; else entries that contain all words, names before descriptions. */
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
