/** The schema for the explorer, without federation's types and fields, which are for routers. */
import type { IntrospectionQuery, IntrospectionTypeRef } from 'graphql';

/** Names of federation's types and fields; those of introspection begin with two underscores. */
const federationNames = /^(_(?!_)|federation__|link__)/;

export function withoutFederation({ __schema: schema }: IntrospectionQuery): IntrospectionQuery {
  return {
    __schema: {
      ...schema,
      types: schema.types
        .filter(({ name }) => !federationNames.test(name))
        .map((type) =>
          type.kind === 'OBJECT'
            ? { ...type, fields: type.fields.filter(({ name }) => !federationNames.test(name)) }
            : type,
        ),
      directives: schema.directives.filter(
        ({ name, args }) => name !== 'link' && !args.some(({ type }) => federationNames.test(nameOf(type))),
      ),
    },
  };
}

function nameOf(type: IntrospectionTypeRef): string {
  return type.kind === 'LIST' || type.kind === 'NON_NULL' ? nameOf(type.ofType) : type.name;
}
