/** The schema as the explorer shows it: without the plumbing of federation, which is for routers. */
import type { IntrospectionQuery, IntrospectionTypeRef } from 'graphql';

/** Names of federation's types and fields; those of introspection begin with two underscores. */
const plumbing = /^(_(?!_)|federation__|link__)/;

export function withoutPlumbing({ __schema: schema }: IntrospectionQuery): IntrospectionQuery {
  return {
    __schema: {
      ...schema,
      types: schema.types
        .filter(({ name }) => !plumbing.test(name))
        .map((type) =>
          type.kind === 'OBJECT'
            ? { ...type, fields: type.fields.filter(({ name }) => !plumbing.test(name)) }
            : type,
        ),
      directives: schema.directives.filter(
        ({ name, args }) => name !== 'link' && !args.some(({ type }) => plumbing.test(nameOf(type))),
      ),
    },
  };
}

function nameOf(type: IntrospectionTypeRef): string {
  return type.kind === 'LIST' || type.kind === 'NON_NULL' ? nameOf(type.ofType) : type.name;
}
