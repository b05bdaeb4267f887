/** Lets the compiler find each field of the schema that would always be null, for want of a property and a resolver. */
import type { GraphQLScalarType } from 'graphql';
import type { Resolvers, ResolversParentTypes } from './generated/resolvers.ts';

type TypeName = keyof Resolvers & keyof ResolversParentTypes;

type ResolversOf<Name extends TypeName> = NonNullable<Resolvers[Name]>;

/** Fields that need a resolver: all of a root type, whose object has every name and no value. */
type NeededField<Name extends TypeName> =
  ResolversOf<Name> extends GraphQLScalarType
    ? never
    : Exclude<
        keyof ResolversOf<Name> & string,
        | `__${string}`
        | (PropertyKey extends keyof ResolversParentTypes[Name] ? never : keyof ResolversParentTypes[Name])
      >;

/** Fields that have neither a property of their object's record nor one of the given resolvers, as `Type.field`. */
export type UnresolvedField<Given> = {
  readonly [Name in TypeName]: `${Name}.${Exclude<
    NeededField<Name>,
    Name extends keyof Given ? keyof Given[Name] : never
  >}`;
}[TypeName];

/** Nothing; the compiler's error names what is there instead. */
export type None<Names extends never> = Names;
