/** JSON Schemas (2020-12) of a tool: its arguments from the variables of its operation, its answer from the selection. */
import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredInputField,
  GraphQLNonNull,
  Kind,
  OperationTypeNode,
  typeFromAST,
  TypeNameMetaFieldDef,
  valueFromASTUntyped,
  type DocumentNode,
  type FieldNode,
  type GraphQLEnumType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ConstDirectiveNode,
  type DirectiveNode,
} from 'graphql';
import { fragmentsOf } from '../../selection-walker.ts';
import { usesOfVariables } from './variable-uses.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

export type ObjectSchema = JsonSchema & {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, JsonSchema>>;
};

/** Maximum of an argument that sets the number of rows to read. */
interface SchemaLimits {
  readonly maxWindow: number;
}

/** Creates the schema of a tool's arguments, with the graph's enums, ranges, defaults and descriptions. */
export function inputSchemaOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  definition: OperationDefinitionNode,
  limits: SchemaLimits,
): ObjectSchema {
  const uses = usesOfVariables(schema, document);
  const defs = new Map<string, JsonSchema>();
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const { variable, type: typeNode, defaultValue, description } of definition.variableDefinitions ??
    []) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode) as GraphQLInputType;
    const used = uses.get(name);
    const text = description?.value ?? used?.description ?? null;
    const isRequired = isNonNullType(type) && defaultValue === undefined;
    if (isRequired) required.push(name);
    // Null means absent, even if the operation has a default.
    const nullable = getNullableType(type);
    properties[name] = {
      ...typeSchema(isRequired ? new GraphQLNonNull(nullable) : nullable, defs),
      ...(used?.isWindow === true ? { minimum: 0, maximum: limits.maxWindow } : {}),
      ...boundsOf(used?.field ?? null),
      ...described(text),
      ...(defaultValue === undefined ? {} : { default: valueFromASTUntyped(defaultValue) }),
    };
  }
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
    ...(defs.size === 0 ? {} : { $defs: Object.fromEntries(defs) }),
  };
}

function typeSchema(type: GraphQLInputType, defs: Map<string, JsonSchema>): JsonSchema {
  const isNullable = !isNonNullType(type);
  const bare = getNullableType(type);
  if (isListType(bare))
    return { ...orNull({ type: 'array' }, isNullable), items: typeSchema(bare.ofType, defs) };
  if (isEnumType(bare)) {
    const names = namesOf(bare);
    return { ...orNull({ type: 'string' }, isNullable), enum: isNullable ? [...names, null] : names };
  }
  if (!isInputObjectType(bare)) return orNull(scalarSchema(getNamedType(bare)), isNullable);
  const { name, description } = bare;
  if (!defs.has(name)) {
    // Set before its fields, which may refer to it.
    defs.set(name, {});
    const fields = Object.values(bare.getFields());
    const required = fields.filter(isRequiredInputField).map((field) => field.name);
    defs.set(name, {
      type: 'object',
      ...described(description),
      properties: Object.fromEntries(
        fields.map((field) => [
          field.name,
          {
            ...typeSchema(field.type, defs),
            ...boundsOf(`${name}.${field.name}`),
            ...described(field.description),
          },
        ]),
      ),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    });
  }
  const reference = { $ref: `#/$defs/${name}` };
  return isNullable ? { anyOf: [reference, { type: 'null' }] } : reference;
}

/** Values of an enum, except deprecated ones, which answers never have. */
function namesOf(type: GraphQLEnumType): readonly string[] {
  return type
    .getValues()
    .filter(({ deprecationReason }) => (deprecationReason ?? null) === null)
    .map(({ name }) => name);
}

const shareFields: readonly (string | null)[] = ['CoverageFilter.above', 'CoverageFilter.below'];

/** Bounds of an input field that its type lacks. */
function boundsOf(field: string | null): JsonSchema {
  return shareFields.includes(field) ? { minimum: 0, maximum: 1 } : {};
}

function orNull(schema: JsonSchema, isNullable: boolean): JsonSchema {
  return isNullable ? { ...schema, type: [schema['type'], 'null'] } : schema;
}

const scalarTypes: Readonly<Record<string, JsonSchema>> = {
  Int: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  Float: { type: 'number' },
  Boolean: { type: 'boolean' },
  DateTime: { type: 'string', anyOf: [{ format: 'date-time' }, { format: 'date' }] },
};

function scalarSchema({ name }: GraphQLNamedType): JsonSchema {
  return scalarTypes[name] ?? { type: 'string' };
}

/** The schema of an operation's data. */
export function outputSchemaOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operation, selectionSet }: OperationDefinitionNode,
): JsonSchema {
  const root = schema.getRootType(
    operation === OperationTypeNode.SUBSCRIPTION ? OperationTypeNode.SUBSCRIPTION : OperationTypeNode.QUERY,
  );
  return root ? new SelectionSchemas(schema, document).objectSchema(root, [selectionSet], false) : {};
}

class SelectionSchemas {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReturnType<typeof fragmentsOf>;

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema;
    this.#fragments = fragmentsOf(document);
  }

  objectSchema(type: GraphQLNamedType, sets: readonly SelectionSetNode[], isNullable: boolean): JsonSchema {
    const fields = new Map<string, { nodes: FieldNode[]; parent: GraphQLNamedType; isOptional: boolean }>();
    for (const set of sets) this.#collect(type, set, false, fields);
    const properties: Record<string, JsonSchema> = {};
    const required: string[] = [];
    for (const [key, { nodes, parent, isOptional }] of fields) {
      const [first] = nodes;
      const fieldType = first === undefined ? undefined : fieldTypeOf(parent, first.name.value);
      if (fieldType === undefined) continue;
      properties[key] = this.#valueSchema(
        fieldType,
        nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
      );
      if (!isOptional) required.push(key);
    }
    return {
      type: isNullable ? ['object', 'null'] : 'object',
      properties,
      ...(required.length === 0 ? {} : { required }),
    };
  }

  #collect(
    type: GraphQLNamedType,
    { selections }: SelectionSetNode,
    isOptional: boolean,
    fields: Map<string, { nodes: FieldNode[]; parent: GraphQLNamedType; isOptional: boolean }>,
  ): void {
    for (const selection of selections) {
      const optional = isOptional || isConditional(selection.directives);
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const known = fields.get(key);
        if (known === undefined) fields.set(key, { nodes: [selection], parent: type, isOptional: optional });
        else {
          known.nodes.push(selection);
          known.isOptional &&= optional;
        }
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition?.name.value;
      const named = condition === undefined ? type : (this.#schema.getType(condition) ?? type);
      this.#collect(named, fragment.selectionSet, optional || named !== type, fields);
    }
  }

  #valueSchema(type: GraphQLOutputType, sets: readonly SelectionSetNode[]): JsonSchema {
    const isNullable = !isNonNullType(type);
    const bare = getNullableType(type);
    if (isListType(bare)) {
      return {
        type: isNullable ? ['array', 'null'] : 'array',
        items: this.#valueSchema(bare.ofType, sets),
      };
    }
    if (isCompositeType(bare)) return this.objectSchema(bare, sets, isNullable);
    if (isEnumType(bare)) {
      const values = namesOf(bare);
      return isNullable
        ? { type: ['string', 'null'], enum: [...values, null] }
        : { type: 'string', enum: values };
    }
    const { type: name } = scalarSchema(getNamedType(bare));
    return { type: isNullable ? [name, 'null'] : name };
  }
}

function fieldTypeOf(parent: GraphQLNamedType, name: string): GraphQLOutputType | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef.type;
  const fields =
    isObjectType(parent) || 'getFields' in parent ? (parent as { getFields(): unknown }).getFields() : {};
  return (fields as Readonly<Record<string, { readonly type: GraphQLOutputType }>>)[name]?.type;
}

function isConditional(directives: readonly (DirectiveNode | ConstDirectiveNode)[] = []): boolean {
  return directives.some(({ name: { value } }) => value === 'skip' || value === 'include');
}

/** Schema of an object without other properties. */
export function objectSchema(
  properties: ObjectSchema['properties'],
  required: readonly string[],
): ObjectSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** Schema of arguments that belong to no operation: those that are not required may be null, as an operation's may. */
export function argumentsSchema(
  properties: ObjectSchema['properties'],
  required: readonly string[],
): ObjectSchema {
  const each = Object.entries(properties).map(([name, schema]) => {
    const { type, enum: values } = schema;
    if (required.includes(name) || typeof type !== 'string') return [name, schema];
    return [
      name,
      {
        ...orNull(schema, true),
        ...(Array.isArray(values) ? { enum: [...(values as readonly unknown[]), null] } : {}),
      },
    ];
  });
  return objectSchema(Object.fromEntries(each) as ObjectSchema['properties'], required);
}

function described(text: string | null | undefined): JsonSchema {
  return text === null || text === undefined ? {} : { description: oneLine(text) };
}

/** Shortens a description to one line, for lists of names. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
