/**
 * Fields added to every tool's document, so that each answer says whether it is complete and can be continued at any
 * row. Their names begin with an underscore; `takeHiddenFields` removes them from the answer.
 */
import {
  getNamedType,
  isObjectType,
  Kind,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { isObject, type JsonObject } from '../../json.ts';
import {
  earlierPrefix,
  hiddenNames,
  hiddenPrefix,
  isHidden,
  pagePrefixes,
  rangePrefix,
  rowsPrefix,
} from './hidden-names.ts';
import { rangeOf, rangesName, type RangeVariables } from './list-ranges.ts';
import { matchedIn, type MatchedCustomers } from './matched-customers.ts';

/** A tenant that could not be read, or a field that has an error. */
export interface Missing {
  readonly customerId?: string;
  readonly organization?: string | null;
  readonly tenantId?: string;
  readonly tenant?: string | null;
  /** Path of the null in the answer: a value, or a row with its values. */
  readonly path?: string;
  readonly reason: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** A list of the answer, with its path and the cursors of its rows. */
export interface AnswerList {
  readonly path: string;
  /** Number of keys in the path. */
  readonly depth: number;
  readonly holder: Record<string, unknown>;
  readonly key: string;
  /** Cursors of the rows; null if the list is not part of a connection. */
  readonly cursors: readonly string[] | null;
  /** Whether the gateway has rows after the last one, in a list read from its start. */
  readonly hasMore: boolean;
  /** Whether the gateway has rows before the first one, in a list read from its end. */
  readonly hasEarlier: boolean;
  /** Other parts that describe the same rows; null if the list is not part of a connection. */
  readonly connection: AnswerConnection | null;
}

/** The parts of a connection that change with the number of its rows. */
export interface AnswerConnection {
  /** `nodes` and `edges`, under all their aliases. */
  readonly lists: readonly AnswerList[];
  readonly pages: readonly PageKeys[];
}

/** Response keys of a `pageInfo`'s fields in a document. */
interface PageKeys {
  readonly page: Record<string, unknown>;
  readonly endCursor: readonly string[];
  readonly hasNextPage: readonly string[];
}

export interface HiddenFields {
  readonly isComplete: boolean;
  readonly missing: readonly Missing[];
  readonly changedWhileRead: boolean;
  /** Null if they were not read. */
  readonly matchedCustomers: MatchedCustomers | null;
  /** Outer lists precede those within them. */
  readonly lists: readonly AnswerList[];
}

const missingFields = 'customerId organization tenantId tenant: name reason message retryable';

const selectionsByField: Readonly<Record<string, string>> = {
  isComplete: `${hiddenNames.isComplete}: isComplete`,
  changedWhileRead: `${hiddenNames.changedWhileRead}: changedWhileRead`,
  missing: `${hiddenNames.missing}: missing { ${missingFields} }`,
};

/** Returns the first name of a document that is reserved for hidden fields; null if there is none. */
export function reservedNameIn(document: DocumentNode): string | null {
  let reserved: string | null = null;
  visit(document, {
    Field: ({ alias, name }) => {
      const key = (alias ?? name).value;
      const isOwn = key.startsWith(hiddenPrefix) && !key.startsWith('__') && alias !== undefined;
      if (isOwn) reserved ??= key;
    },
  });
  return reserved;
}

/**
 * Adds the hidden fields to a valid document.
 *
 * @returns the document, and as `ranges` the variables of the connections that may have a range
 */
export function addHiddenFields(
  schema: GraphQLSchema,
  document: DocumentNode,
): { readonly document: DocumentNode; readonly ranges: RangeVariables } {
  const typeInfo = new TypeInfo(schema);
  const ranges: (readonly string[])[] = [];
  const extended = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field: {
        leave: (node) => {
          // By name, since the type may be a list's element.
          const type = schema.getType(String(typeInfo.getType()).replaceAll(/[[\]!]/g, ''));
          const hasWindow = node.selectionSet !== undefined && isConnection(type);
          const earlier = hasWindow ? earlierSelection(node.arguments) : null;
          return earlier === null
            ? undefined
            : { ...node, selectionSet: withFields(node.selectionSet, [earlier]) };
        },
      },
      SelectionSet: {
        leave: (node) => {
          const type = getNamedType(typeInfo.getParentType());
          if (!isObjectType(type)) return undefined;
          const added = hiddenSelectionsFor(type, node.selections);
          for (const selection of node.selections) {
            const range = isConnectionField(type, selection) ? rangeOf(selection) : null;
            if (range === null) continue;
            added.push(range.selection);
            ranges.push(...range.variables);
          }
          return added.length === 0 ? undefined : withFields(node, added);
        },
      },
    }),
  );
  if (ranges.length === 0) return { document: extended, ranges };
  const withVariable = visit(extended, {
    OperationDefinition: (node) => ({
      ...node,
      variableDefinitions: [...(node.variableDefinitions ?? []), ...rangesVariable],
    }),
  });
  return { document: withVariable, ranges };
}

const [rangesVariableOwner] = parse(`query ($${rangesName}: Boolean! = false) { __typename }`, {
  noLocation: true,
}).definitions;
const rangesVariable =
  rangesVariableOwner?.kind === Kind.OPERATION_DEFINITION
    ? (rangesVariableOwner.variableDefinitions ?? [])
    : [];

function isConnectionField(parent: GraphQLObjectType, selection: SelectionNode): selection is FieldNode {
  if (selection.kind !== Kind.FIELD) return false;
  const type = parent.getFields()[selection.name.value]?.type;
  return type !== undefined && isConnection(getNamedType(type));
}

function isConnection(type: unknown): boolean {
  return isObjectType(type) && 'edges' in type.getFields() && 'pageInfo' in type.getFields();
}

/** Selects rows before a window of the last ones; null if a field has no such window. */
function earlierSelection(given: readonly ArgumentNode[] = []): string | null {
  const last = given.find(({ name }) => name.value === 'last')?.value;
  if (last === undefined || last.kind === Kind.NULL) return null;
  // Whether a variable has a value is known only when the answer is read.
  const alias = last.kind === Kind.VARIABLE ? `${earlierPrefix}${last.name.value}` : hiddenNames.earlier;
  return `${alias}: pageInfo { hasPreviousPage }`;
}

function hiddenSelectionsFor(type: GraphQLObjectType, selections: readonly SelectionNode[]): string[] {
  const fields = type.getFields();
  const texts = Object.entries(selectionsByField)
    .filter(([name]) => name in fields)
    .map(([, text]) => text);
  if ('progress' in fields)
    texts.push(`${hiddenNames.progress}: progress { tenantsDone tenantsTotal secondsLeft }`);
  for (const [name, keyPrefix] of Object.entries(pagePrefixes))
    for (const each of selections)
      if (each.kind === Kind.FIELD && each.name.value === name && name in fields)
        texts.push(`${keyPrefix}${(each.alias ?? each.name).value}: __typename`);
  if (isConnection(type)) {
    const rows = selections.filter(
      (each): each is FieldNode =>
        each.kind === Kind.FIELD && (each.name.value === 'nodes' || each.name.value === 'edges'),
    );
    for (const { alias, name } of rows) texts.push(`${rowsPrefix}${(alias ?? name).value}: edges { cursor }`);
    if (rows.length > 0) texts.push(`${hiddenNames.page}: pageInfo { hasNextPage }`);
  }
  return texts;
}

function withFields(set: SelectionSetNode | undefined, texts: readonly string[]): SelectionSetNode {
  const [definition] = parse(`{ ${texts.join(' ')} }`, { noLocation: true }).definitions;
  const added = definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : [];
  return { kind: Kind.SELECTION_SET, selections: [...(set?.selections ?? []), ...added] };
}

/** A report's progress; null if its event has none. */
export function progressIn(
  data: unknown,
): { readonly done: number; readonly total: number; readonly secondsLeft: number | null } | null {
  const [root] = isObject(data) ? Object.values(data) : [];
  const progress = isObject(root) ? root[hiddenNames.progress] : undefined;
  if (!isObject(progress)) return null;
  const { tenantsDone, tenantsTotal, secondsLeft } = progress;
  if (typeof tenantsDone !== 'number' || typeof tenantsTotal !== 'number') return null;
  return {
    done: tenantsDone,
    total: tenantsTotal,
    secondsLeft: typeof secondsLeft === 'number' ? secondsLeft : null,
  };
}

/**
 * Removes the hidden fields from an answer's data, leaving those of the original document.
 *
 * @param variables of the operation, with their defaults
 */
export function takeHiddenFields(data: unknown, variables: JsonObject): HiddenFields {
  const found = {
    isComplete: true,
    changedWhileRead: false,
    matchedCustomers: null as MatchedCustomers | null,
    missing: new Map<string, Missing>(),
    lists: [] as AnswerList[],
  };
  const take = (value: unknown, path: string, depth: number, range?: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach((each, index) => {
        take(each, `${path}.${index}`, depth + 1);
      });
      return;
    }
    if (!isObject(value)) return;
    const hidden = removeHidden(value);
    found.matchedCustomers ??= matchedIn(hidden);
    if (hidden[hiddenNames.isComplete] === false) found.isComplete = false;
    if (hidden[hiddenNames.changedWhileRead] === true) found.changedWhileRead = true;
    for (const missing of (hidden[hiddenNames.missing] ?? []) as readonly Missing[])
      found.missing.set(JSON.stringify([missing.customerId, missing.tenantId, missing.reason]), missing);
    const connection = { lists: [] as AnswerList[], pages: pagesOf(value) };
    const window = windowOf(hidden, variables, range);
    for (const [key, child] of Object.entries(value)) {
      const at = path === '' ? key : `${path}.${key}`;
      if (Array.isArray(child)) {
        const edges = hidden[`${rowsPrefix}${key}`] as Edges | null | undefined;
        const list: AnswerList = {
          path: at,
          depth: depth + 1,
          holder: value,
          key,
          cursors: edges?.map(({ cursor }) => cursor) ?? null,
          ...(edges === undefined ? { hasMore: false, hasEarlier: false } : window),
          connection: edges === undefined ? null : connection,
        };
        found.lists.push(list);
        if (edges !== undefined) connection.lists.push(list);
      }
      take(child, at, depth + 1, hidden[`${rangePrefix}${key}`]);
    }
  };
  take(data, '', 0);
  return { ...found, missing: [...found.missing.values()] };
}

type Edges = readonly { readonly cursor: string }[];

/** Whether a connection has rows outside of its window that the caller has not received. */
function windowOf(
  hidden: JsonObject,
  variables: JsonObject,
  range: unknown,
): Pick<AnswerList, 'hasMore' | 'hasEarlier'> {
  if (isWholeRange(hidden, range)) return { hasMore: false, hasEarlier: false };
  const isFromEnd = Object.keys(hidden).some(
    (key) =>
      key === hiddenNames.earlier ||
      (key.startsWith(earlierPrefix) && typeof variables[key.slice(earlierPrefix.length)] === 'number'),
  );
  const has = (name: string, field: string) =>
    Object.entries(hidden).some(
      ([key, page]) => key.startsWith(name) && isObject(page) && page[field] === true,
    );
  return {
    // The previous answer had the rows after a window of the last ones.
    hasMore: !isFromEnd && has(hiddenNames.page, 'hasNextPage'),
    hasEarlier: isFromEnd && has(hiddenNames.earlier, 'hasPreviousPage'),
  };
}

/** Whether a window from the other end of the range has the same rows. */
function isWholeRange(hidden: JsonObject, range: unknown): boolean {
  const edges = isObject(range) ? range['edges'] : null;
  const [, rows] = Object.entries(hidden).find(([key]) => key.startsWith(rowsPrefix)) ?? [];
  if (!Array.isArray(edges) || !Array.isArray(rows)) return false;
  // The first rows may have been skipped.
  return (edges as Edges).at(-1)?.cursor === (rows as Edges).at(-1)?.cursor;
}

/** Returns the pages among an object's values, with the keys that their hidden fields name. */
function pagesOf(holder: JsonObject): readonly PageKeys[] {
  return Object.values(holder).flatMap((page) => {
    if (!isObject(page)) return [];
    const keys = Object.keys(page);
    const keysOf = (keyPrefix: string) =>
      keys.filter((key) => key.startsWith(keyPrefix)).map((key) => key.slice(keyPrefix.length));
    const found = {
      page,
      endCursor: keysOf(pagePrefixes.endCursor),
      hasNextPage: keysOf(pagePrefixes.hasNextPage),
    };
    return found.endCursor.length + found.hasNextPage.length === 0 ? [] : [found];
  });
}

function removeHidden(value: Record<string, unknown>): Readonly<Record<string, unknown>> {
  const hidden: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (!isHidden(key)) continue;
    hidden[key] = value[key];
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- an answer that was just parsed, for this use alone
    delete value[key];
  }
  return hidden;
}
