/** Compile-time check that each field of the schema has a property in its record or a resolver. */
import type { GraphQLScalarType } from 'graphql';
import type { Resolvers, ResolversParentTypes } from './generated/resolvers.ts';

type TypeName = keyof Resolvers & keyof ResolversParentTypes;

type ResolversOf<Name extends TypeName> = NonNullable<Resolvers[Name]>;

/** Fields that need a resolver: those without a property, and all fields of a root type. */
type NeededField<Name extends TypeName> =
  ResolversOf<Name> extends GraphQLScalarType
    ? never
    : Exclude<
        keyof ResolversOf<Name> & string,
        | `__${string}`
        | (PropertyKey extends keyof ResolversParentTypes[Name] ? never : keyof ResolversParentTypes[Name])
      >;

/** Names, as `Type.field`, of the needed resolvers that `Given` lacks. */
export type UnresolvedField<Given> = {
  readonly [Name in TypeName]: `${Name}.${Exclude<
    NeededField<Name>,
    Name extends keyof Given ? keyof Given[Name] : never
  >}`;
}[TypeName];

/** Compiles only for `never`; otherwise the compiler's error names the fields. */
export type None<Names extends never> = Names;
