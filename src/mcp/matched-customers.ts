/**
 * The customers that an argument such as a name matches, which an answer names beside its data: without them, the numbers of
 * several customers would pass for those of one.
 */
import {
  getNamedType,
  Kind,
  OperationTypeNode,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';

export interface MatchedCustomers {
  readonly totalCount: number;
  /** The first few. */
  readonly nodes: readonly { readonly customerId: string; readonly organization: string | null }[];
}

/** The variable that selects them, and the alias that they have in the result. */
export const matchedName = '_customers';
const maxNamed = 5;

const template = parse(
  `query ($${matchedName}: Boolean! = false) {
    ${matchedName}: customers(first: ${maxNamed}) @include(if: $${matchedName}) { totalCount nodes { customerId organization } }
  }`,
  { noLocation: true },
).definitions[0] as OperationDefinitionNode;

/**
 * The document of a query with a list of the customers that its first condition on customers matches. The list of customers
 * itself needs none.
 *
 * @returns with `arguments`, the variables in that condition
 */
export function addMatchedCustomers(
  schema: GraphQLSchema,
  document: DocumentNode,
): { readonly document: DocumentNode; readonly arguments: readonly string[] } {
  const condition = customerConditionIn(schema, document);
  const names = condition === null ? [] : variablesIn(condition);
  if (condition === null || names.length === 0) return { document, arguments: [] };
  const field = template.selectionSet.selections[0] as FieldNode;
  const filter = {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: 'filter' },
    value: condition,
  } as const;
  const selection: FieldNode = { ...field, arguments: [...(field.arguments ?? []), filter] };
  return {
    document: visit(document, {
      OperationDefinition: (node) => ({
        ...node,
        variableDefinitions: [...(node.variableDefinitions ?? []), ...(template.variableDefinitions ?? [])],
        selectionSet: {
          ...node.selectionSet,
          selections: [...node.selectionSet.selections, selection],
        },
      }),
    }),
    arguments: names,
  };
}

function customerConditionIn(schema: GraphQLSchema, document: DocumentNode): ValueNode | null {
  const typeInfo = new TypeInfo(schema);
  let condition: ValueNode | null = null;
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      OperationDefinition: ({ operation }) => (operation === OperationTypeNode.QUERY ? undefined : false),
      Field: ({ name, arguments: given = [] }) => {
        const isOfRoot = typeInfo.getParentType() === schema.getQueryType();
        if (!isOfRoot || name.value === 'customers') return false;
        const { args = [] } = typeInfo.getFieldDef() ?? {};
        const names = args.filter(({ type }) => getNamedType(type).name === 'CustomerFilter');
        condition ??= given.find((each) => names.some((arg) => arg.name === each.name.value))?.value ?? null;
        return false;
      },
    }),
  );
  return condition;
}

function variablesIn(value: ValueNode): readonly string[] {
  const names: string[] = [];
  visit(value, {
    Variable: ({ name }) => {
      names.push(name.value);
    },
  });
  return names;
}

/** The variables of a call: the customers are read if one of the arguments that choose them is given. */
export function withMatched(
  given: Readonly<Record<string, unknown>>,
  { customerArguments }: { readonly customerArguments: readonly string[] },
): Readonly<Record<string, unknown>> {
  const isChosen = customerArguments.some((name) => Object.hasOwn(given, name));
  return isChosen ? { ...given, [matchedName]: true } : given;
}
