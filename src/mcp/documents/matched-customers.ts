/**
 * Customers that arguments such as a name match, named beside the data: without them, the numbers of several customers
 * would look like those of one, and a misspelled name like a customer without such rows.
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
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { isObject, type JsonObject } from '../../json.ts';

export interface MatchedCustomers {
  readonly totalCount: number;
  /** The first few. */
  readonly nodes: readonly { readonly customerId: string; readonly organization: string | null }[];
}

/** How a tool's arguments choose customers. */
export interface CustomerChoice {
  /** Arguments that choose the customers whose rows are shown. */
  readonly arguments: readonly string[];
  /** Whether the rows are these customers themselves. */
  readonly listsCustomers: boolean;
}

/** The variable that selects the customers, and their alias in a query's result. */
export const matchedName = '_customers';
/** Aliases of the customers' number and names in a report's events. */
export const matchedOfReport = { progress: '_customersTotal', totals: '_customersNamed' };
const maxNamed = 5;

function template(
  selections: string,
): Pick<OperationDefinitionNode, 'variableDefinitions'> & Pick<SelectionSetNode, 'selections'> {
  const { definitions } = parse(`query ($${matchedName}: Boolean! = false) { ${selections} }`, {
    noLocation: true,
  });
  const { variableDefinitions, selectionSet } = definitions[0] as OperationDefinitionNode;
  return { ...(variableDefinitions === undefined ? {} : { variableDefinitions }), ...selectionSet };
}

const { selections: ofQuery, variableDefinitions: matchedVariable = [] } = template(
  `${matchedName}: customers(first: ${maxNamed}) @include(if: $${matchedName}) {
    totalCount nodes { customerId organization }
  }`,
);
/** Only customers with users are named. */
const { selections: ofReport } = template(
  `${matchedOfReport.progress}: progress @include(if: $${matchedName}) { customersTotal }
  ${matchedOfReport.totals}: totals @include(if: $${matchedName}) {
    groups(by: CUSTOMER, first: ${maxNamed}) { nodes { customer { customerId organization } } }
  }`,
);

/** Fields of a filter that identify customers, in contrast to those that describe them. */
const choosingFields: ReadonlySet<string> = new Set([
  'customerIds',
  'search',
  'tenantName',
  'countryOrRegion',
]);

const customersField = 'customers';
const noChoice: CustomerChoice = { arguments: [], listsCustomers: false };

/**
 * Adds to a document a selection of the customers that its first condition on customers matches; for a list of
 * customers, only the part of the condition that identifies them.
 */
export function addMatchedCustomers(
  schema: GraphQLSchema,
  document: DocumentNode,
): { readonly document: DocumentNode; readonly choice: CustomerChoice } {
  const found = customerConditionIn(schema, document);
  const names = found === null ? [] : variablesIn(found.condition);
  if (found === null || names.length === 0) return { document, choice: noChoice };
  const { condition, field } = found;
  return {
    document: visit(document, {
      OperationDefinition: (node) => ({
        ...node,
        variableDefinitions: [...(node.variableDefinitions ?? []), ...matchedVariable],
        selectionSet:
          node.operation === OperationTypeNode.SUBSCRIPTION
            ? withMatchedOfReport(node.selectionSet)
            : withSelections(node.selectionSet, withFilter(ofQuery, condition)),
      }),
    }),
    choice: { arguments: names, listsCustomers: field.name.value === customersField },
  };
}

function withFilter(selections: readonly SelectionNode[], condition: ValueNode): readonly SelectionNode[] {
  const filter = {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: 'filter' },
    value: condition,
  } as const;
  return selections.map((each) =>
    each.kind === Kind.FIELD ? { ...each, arguments: [...(each.arguments ?? []), filter] } : each,
  );
}

/** A subscription may have only one root field, so the selection goes into that field. */
function withMatchedOfReport({ selections, ...set }: SelectionSetNode): SelectionSetNode {
  return {
    ...set,
    selections: selections.map((each) =>
      each.kind === Kind.FIELD && each.selectionSet !== undefined
        ? { ...each, selectionSet: withSelections(each.selectionSet, ofReport) }
        : each,
    ),
  };
}

function withSelections(set: SelectionSetNode, added: readonly SelectionNode[]): SelectionSetNode {
  return { ...set, selections: [...set.selections, ...added] };
}

/** Returns the customers among the hidden fields of a result's object; null if it has none. */
export function matchedIn(hidden: JsonObject): MatchedCustomers | null {
  const ofQuery = hidden[matchedName] as MatchedCustomers | null | undefined;
  if (ofQuery !== undefined && ofQuery !== null) return ofQuery;
  const progress = hidden[matchedOfReport.progress];
  const totalCount = isObject(progress) ? progress['customersTotal'] : undefined;
  if (typeof totalCount !== 'number') return null;
  const totals = hidden[matchedOfReport.totals] as ReportedGroups | null | undefined;
  const nodes = totals?.groups?.nodes?.flatMap(({ customer }) => (customer === null ? [] : [customer])) ?? [];
  return { totalCount, nodes };
}

interface ReportedGroups {
  readonly groups: {
    readonly nodes: readonly { readonly customer: MatchedCustomers['nodes'][number] | null }[] | null;
  } | null;
}

interface CustomerCondition {
  readonly condition: ValueNode;
  /** The root field that has the condition. */
  readonly field: FieldNode;
}

function customerConditionIn(schema: GraphQLSchema, document: DocumentNode): CustomerCondition | null {
  const typeInfo = new TypeInfo(schema);
  let found: CustomerCondition | null = null;
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      FragmentDefinition: () => false,
      Field: (field) => {
        const { args = [] } = typeInfo.getFieldDef() ?? {};
        const names = args.filter(({ type }) => getNamedType(type).name === 'CustomerFilter');
        const filter = field.arguments?.find((each) => names.some((arg) => arg.name === each.name.value));
        const condition = filter === undefined ? null : conditionOf(field, filter.value);
        if (condition !== null) found ??= { condition, field };
        return false;
      },
    }),
  );
  return found;
}

/** Returns the part of a filter that identifies customers; null if a variable is the whole filter of their list. */
function conditionOf({ name }: FieldNode, filter: ValueNode): ValueNode | null {
  if (name.value !== customersField) return filter;
  if (filter.kind !== Kind.OBJECT) return null;
  return { ...filter, fields: filter.fields.filter((field) => choosingFields.has(field.name.value)) };
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

/** Adds the variable that selects the customers, if an argument that chooses them is given. */
export function withMatched(
  given: Readonly<Record<string, unknown>>,
  { customers }: { readonly customers: CustomerChoice },
): Readonly<Record<string, unknown>> {
  const isChosen = customers.arguments.some((name) => Object.hasOwn(given, name));
  return isChosen ? { ...given, [matchedName]: true } : given;
}
