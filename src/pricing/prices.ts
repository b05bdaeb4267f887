/** Prices of fields from the directives of schema/cost.graphql. A field without a price is an error. */
import {
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type DirectiveNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { createArgumentReads, type ArgumentReads } from './argument-reads.ts';

export interface FieldPrice {
  /** As `Type.field`. */
  readonly name: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly type: GraphQLNamedType;
  /** Rows charged for each of its objects. */
  readonly weight: number;
  readonly isList: boolean;
  /** Whether the field belongs to introspection. */
  readonly isIntrospection: boolean;
  readonly listSize: ListSize | null;
  readonly sizedFields: ReadonlySet<string>;
  readonly upstream: UpstreamPrice | null;
  readonly groups: GroupsPrice | null;
  /** By arguments with values that may need further lists. */
  readonly argumentReads: ReadonlyMap<string, ArgumentReads>;
}

interface ListSize {
  readonly assumedSize?: number | null;
  readonly slicingArguments?: readonly string[] | null;
  readonly sizedFields?: readonly string[] | null;
  readonly requireOneSlicingArgument: boolean;
}

interface GroupsPrice {
  /** Groups of users counted for each tenant that the parent sums up. */
  readonly perTenant: number;
  /** Argument with values that each count once. */
  readonly by: string;
}

export interface UpstreamPrice {
  readonly calls: number;
  readonly batch: number;
  readonly perTenant: boolean;
  readonly of?: string | null;
  readonly page?: number | null;
  readonly length?: number | null;
  readonly keys?: string | null;
  readonly whole?: readonly string[] | null;
  readonly reads?: readonly string[] | null;
  readonly counts?: readonly string[] | null;
}

/** By `Type.field`. */
export type Prices = ReadonlyMap<string, FieldPrice>;

const metaFields = [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef];

const pricesBySchema = new WeakMap<GraphQLSchema, Prices>();

export function pricesOf(schema: GraphQLSchema): Prices {
  let prices = pricesBySchema.get(schema);
  if (prices === undefined) pricesBySchema.set(schema, (prices = readPrices(schema)));
  return prices;
}

function readPrices(schema: GraphQLSchema): Prices {
  const introspected = introspectionSizes(schema);
  const prices = new Map<string, FieldPrice>();
  const readsOf = createArgumentReads(schema);
  const valuesOf = (name: string, directives: readonly DirectiveNode[] = []) => {
    const directive = schema.getDirective(name);
    return directive ? (getDirectiveValues(directive, { directives }) ?? null) : null;
  };
  const weightOf = (type: GraphQLNamedType): number => {
    if (isAbstractType(type)) return Math.max(...schema.getPossibleTypes(type).map(weightOf));
    if (!isObjectType(type) || isIntrospectionType(type)) return 0;
    return Number(valuesOf('cost', type.astNode?.directives)?.['weight'] ?? 1);
  };
  for (const parent of Object.values(schema.getTypeMap())) {
    if (!isObjectType(parent) && !isInterfaceType(parent)) continue;
    for (const field of [...Object.values(parent.getFields()), ...metaFields]) {
      const type = getNamedType(field.type);
      const isList = isListType(getNullableType(field.type));
      const isIntrospection = isIntrospectionType(parent) || isIntrospectionType(type);
      const listSize =
        isList && isIntrospection
          ? { assumedSize: introspected[field.name] ?? 1, requireOneSlicingArgument: false }
          : (valuesOf('listSize', field.astNode?.directives) as ListSize | null);
      const upstream = valuesOf('upstream', field.astNode?.directives) as UpstreamPrice | null;
      const sizedFields = new Set(listSize?.sizedFields);
      const name = `${parent.name}.${field.name}`;
      const argumentReads = new Map(
        field.args.flatMap((argument) => {
          const reads = readsOf(argument.type);
          return reads === null ? [] : [[argument.name, reads] as const];
        }),
      );
      const groups = valuesOf('groups', field.astNode?.directives) as GroupsPrice | null;
      const own = { name, field, type, weight: weightOf(type), isList, isIntrospection };
      prices.set(name, { ...own, listSize, sizedFields, upstream, groups, argumentReads });
    }
  }
  return prices;
}

const checkedSchemas = new WeakSet<GraphQLSchema>();

/** @throws Error naming each field without a valid price */
export function checkPrices(schema: GraphQLSchema): void {
  if (checkedSchemas.has(schema)) return;
  const prices = [...pricesOf(schema).values()].filter(({ name }) => !name.includes('__'));
  const names = new Set(prices.map(({ name }) => name));
  const faults = prices.flatMap(
    ({ name, field, type, weight, isList, listSize, sizedFields, upstream, groups }) => {
      const [parent = '', own = ''] = name.split('.');
      const givers = prices.filter((each) => each.type.name === parent);
      const isSized = givers.length > 0 && givers.every((each) => each.sizedFields.has(own));
      const { assumedSize = null, slicingArguments, requireOneSlicingArgument: requiresOne } = listSize ?? {};
      const slicing = slicingArguments ?? [];
      const has = (argument: string) => field.args.some((each) => each.name === argument);
      const isRequired = field.args.some((each) => slicing.includes(each.name) && isRequiredArgument(each));
      const named = [
        ...slicing,
        ...(upstream?.whole ?? []),
        ...(upstream?.keys ? [upstream.keys] : []),
        ...(groups ? [groups.by] : []),
      ];
      const below = [...sizedFields, ...(upstream?.counts ?? [])].map((each) => `${type.name}.${each}`);
      const isKnown =
        requiresOne === true && slicing.length > 0
          ? slicing.length === 1 && isRequired
          : assumedSize !== null;
      const checks: readonly (readonly [boolean, string])[] = [
        [!isList || listSize !== null || isSized, 'a list needs @listSize'],
        [
          isLeafType(type) || isNonNullType(field.type) || upstream !== null,
          'a nullable object needs @upstream',
        ],
        [listSize === null || isKnown, '@listSize needs an assumedSize, or one required slicing argument'],
        [named.every(has), 'a directive names an argument that does not exist'],
        [
          [...below, ...(upstream?.reads ?? []), ...(upstream?.of ? [upstream.of] : [])].every((each) =>
            names.has(each),
          ),
          'a directive names a field that does not exist',
        ],
        [!String(field.type).startsWith('[['), 'a list of lists has no price'],
        [weight >= 0, 'the weight of its type is no number'],
      ];
      return checks.flatMap(([isRight, fault]) => (isRight ? [] : [`${name}: ${fault}`]));
    },
  );
  if (faults.length > 0) throw new Error(`The schema has faulty prices:\n${faults.join('\n')}`);
  checkedSchemas.add(schema);
}

/** Average list sizes of introspection, by field. */
function introspectionSizes(schema: GraphQLSchema): Readonly<Record<string, number>> {
  const types = Object.values(schema.getTypeMap());
  const fields = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [],
  );
  const inputFields = types.flatMap((type) =>
    isInputObjectType(type) ? Object.values(type.getFields()) : [],
  );
  const enumValues = types.flatMap((type) => (isEnumType(type) ? type.getValues() : []));
  return {
    types: types.length,
    directives: schema.getDirectives().length,
    fields: fields.length / types.length,
    inputFields: inputFields.length / types.length,
    enumValues: enumValues.length / types.length,
    args: fields.reduce((sum, { args }) => sum + args.length, 0) / fields.length,
  };
}
