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
} from 'graphql';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
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

  test('has a value UNKNOWN in every enum of what the upstream tells', () => {
    // What the gateway itself works out, or is asked, it knows all values of.
    const own = ['CustomerOrder', 'ProtectionState', 'ProtectionStatusOrder', 'UserOrder'];
    const enums = types.filter(isEnumType);
    expect(enums.map(({ name }) => name).sort()).toEqual(
      ['JobStatus', 'ManagementMode', 'ProtectionModule', 'UserStatus', ...own].sort(),
    );
    for (const type of enums) {
      if (!own.includes(type.name)) expect(type.getValue('UNKNOWN')).toBeDefined();
    }
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

  test('with a connection that the prefetches leave out is refused', () => {
    const schema = buildSchema(`${sdl} type GroupConnection { totalCount: Int }`);
    expect(() => {
      checkPrefetches(schema);
    }).toThrow('GroupConnection');
  });
});
