/** A malformed upstream field becomes null, with an error that names it. */
import { isLeafType, isNullableType, isObjectType, type GraphQLSchema } from 'graphql';
import { FieldError } from '../errors.ts';
import { propertyOr } from '../execution/resolver-kinds.ts';
import type { Faulty } from '../model.ts';

/** By endpoint and field, shared by all rows. */
const errors = new Map<string, FieldError>();

/** Error of a field that is null because its upstream value is malformed. */
export function errorOfField(record: Faulty, name: string): FieldError | undefined {
  const fault = record.faultOf?.(name) ?? null;
  if (fault === null) return undefined;
  const key = `${fault.endpoint} ${fault.field}`;
  let error = errors.get(key);
  if (error === undefined) errors.set(key, (error = new FieldError(fault.endpoint, fault.field)));
  return error;
}

const property = propertyOr(errorOfField);

/** Makes the nullable leaves of these types report malformed fields of their records. */
export function withFaults(schema: GraphQLSchema, typeNames: Iterable<string>): GraphQLSchema {
  for (const typeName of typeNames) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (isNullableType(field.type) && isLeafType(field.type)) field.resolve ??= property;
    }
  }
  return schema;
}
