import { describe, expect, test } from '@jest/globals';
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isIntrospectionType,
} from 'graphql';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';

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
});
