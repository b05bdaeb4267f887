import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { describe, expect, test } from '@jest/globals';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isIntrospectionType,
  printSchema,
  type GraphQLField,
  type GraphQLResolveInfo,
} from 'graphql';
import { checkRecordTypes, createGraphSchema } from '../../src/graph/graph-schema.ts';
import { checkPrefetches, prefetches } from '../../src/graph/prefetch.ts';

const types = Object.values(createGraphSchema().getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

describe('the schema', () => {
  test('describes every type, field, argument and enum value', () => {
    const undescribed: string[] = [];
    const look = (place: string, { description }: { description?: string | null | undefined }) => {
      if (!description) undescribed.push(place);
    };
    for (const type of types) {
      look(type.name, type);
      if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
      if (isInputObjectType(type))
        for (const field of Object.values(type.getFields())) look(`${type.name}.${field.name}`, field);
      if (isObjectType(type) || isInterfaceType(type)) {
        for (const field of Object.values(type.getFields())) {
          look(`${type.name}.${field.name}`, field);
          for (const argument of field.args) look(`${type.name}.${field.name}(${argument.name})`, argument);
        }
      }
    }
    expect(undescribed).toEqual([]);
  });

  test('is valid, which a start does not check', () => {
    const folder = new URL('../../schema/', import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
    const typeDefs = files.map((name) => readFileSync(new URL(name, folder), 'utf8'));
    expect(() => makeExecutableSchema({ typeDefs })).not.toThrow();
  });

  test('has a value UNKNOWN in every enum of the upstream’s codes', () => {
    // Enums of the gateway's own, whose values are all known.
    const ofUpstream = types
      .filter(isEnumType)
      .filter(({ name }) => !/^ProtectionState$|Reason$|Order$|Grouping$/.test(name));
    expect(ofUpstream.map(({ name }) => name)).toEqual(expect.arrayContaining(['JobStatus', 'UserStatus']));
    for (const type of ofUpstream) {
      expect(type.getValues().map(({ name }) => name)).toContain('UNKNOWN');
    }
  });

  test('has no argument that its resolver does not take by name', () => {
    const window = ['first', 'after', 'last', 'before'];
    const ignored: string[] = [];
    for (const type of types.filter(isObjectType)) {
      for (const field of Object.values(type.getFields())) {
        const names = field.args.map(({ name }) => name).filter((name) => !window.includes(name));
        const taken = argumentsTakenBy(field);
        ignored.push(
          ...names.filter((name) => !taken.has(name)).map((name) => `${type.name}.${field.name}(${name})`),
        );
      }
    }
    expect(ignored).toEqual([]);
  });

  const sdl = printSchema(createGraphSchema());
  test.each(
    Object.values(prefetches).flatMap(({ paths }) =>
      paths.filter((path) => path !== '__typename').map((path) => path.split('.').at(-1) ?? ''),
    ),
  )('without the field %s, for which rows are prefetched, is refused', (name) => {
    const renamed = sdl.replaceAll(new RegExp(`^  ${name}\\b`, 'gm'), `  ${name}Renamed`);
    expect(() => {
      checkPrefetches(buildSchema(renamed));
    }).toThrow(/^The schema has no \S+ to prefetch for\.$/);
  });

  test('without the type of a row is refused', () => {
    const renamed = sdl.replaceAll(/\bProtectionStatus\b/g, 'Renamed');
    expect(() => {
      checkRecordTypes(buildSchema(renamed));
    }).toThrow('no type ProtectionStatus');
  });

  test('with a connection that lacks a field of a prefetch is refused', () => {
    const schema = buildSchema(`${sdl} type OtherConnection { totalCount: Int }`);
    expect(() => {
      checkPrefetches(schema);
    }).toThrow('OtherConnection');
  });
});

/** Names of the arguments that a resolver looks at before it looks at all that are left. */
function argumentsTakenBy({ resolve, subscribe }: GraphQLField<unknown, unknown>): ReadonlySet<string> {
  const taken = new Set<string>();
  let isClosed = false;
  const given = new Proxy(
    {},
    {
      get: (_target, name) => {
        if (!isClosed && typeof name === 'string') taken.add(name);
        return undefined;
      },
      ownKeys: () => {
        isClosed = true;
        return [];
      },
    },
  );
  try {
    const outcome: unknown = (subscribe ?? resolve)?.({}, given, {}, {} as GraphQLResolveInfo);
    if (outcome instanceof Promise) outcome.catch(() => undefined);
  } catch {
    // Resolvers fail without a context, after they have read their arguments.
  }
  return taken;
}
