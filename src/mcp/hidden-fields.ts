/**
 * Fields that every tool's document selects beside its own, so that each answer says whether it is complete and can be
 * continued at any row. Their names begin with an underscore; `takeHiddenFields` takes them out of the answer again.
 */
import {
  getNamedType,
  isObjectType,
  Kind,
  parse,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionNode,
} from 'graphql';
import { matchedName, type MatchedCustomers } from './matched-customers.ts';

/** A tenant that could not be read, or a field that has an error. */
export interface Missing {
  readonly customerId?: string;
  readonly organization?: string | null;
  readonly tenantId?: string;
  readonly tenant?: string | null;
  /** Where the answer is null for it. */
  readonly path?: string;
  readonly reason: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** A list of the answer, with what it takes to shorten it and to go on behind a row. */
export interface AnswerList {
  readonly path: string;
  readonly holder: Record<string, unknown>;
  readonly key: string;
  /** Of each row; null if the list is no connection's. */
  readonly cursors: readonly string[] | null;
  /** Whether the gateway has rows behind the last one. */
  readonly hasMore: boolean;
}

export interface HiddenFields {
  readonly isComplete: boolean;
  readonly missing: readonly Missing[];
  readonly changedWhileRead: boolean;
  /** Null if they were not read. */
  readonly matchedCustomers: MatchedCustomers | null;
  /** Those that contain others come first. */
  readonly lists: readonly AnswerList[];
}

const prefix = '_';
const rowsPrefix = `${prefix}rows_`;
const names = {
  isComplete: `${prefix}isComplete`,
  changedWhileRead: `${prefix}changedWhileRead`,
  missing: `${prefix}missing`,
  page: `${prefix}page`,
  progress: `${prefix}progress`,
  customers: matchedName,
};

const hiddenNames: ReadonlySet<string> = new Set(Object.values(names));

const missingFields = 'customerId organization tenantId tenant: name reason message retryable';

const selectionsByField: Readonly<Record<string, string>> = {
  isComplete: `${names.isComplete}: isComplete`,
  changedWhileRead: `${names.changedWhileRead}: changedWhileRead`,
  missing: `${names.missing}: missing { ${missingFields} }`,
};

/** The first name of a document that the hidden fields need for themselves; null if there is none. */
export function reservedNameIn(document: DocumentNode): string | null {
  let reserved: string | null = null;
  visit(document, {
    Field: ({ alias, name }) => {
      const key = (alias ?? name).value;
      const isOwn = key.startsWith(prefix) && !key.startsWith('__') && alias !== undefined;
      if (isOwn) reserved ??= key;
    },
  });
  return reserved;
}

/** The text of a valid document with the hidden fields. */
export function addHiddenFields(schema: GraphQLSchema, document: DocumentNode): string {
  const typeInfo = new TypeInfo(schema);
  const extended = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      SelectionSet: {
        leave: (node) => {
          const type = getNamedType(typeInfo.getParentType());
          if (!isObjectType(type)) return undefined;
          const added = hiddenSelectionsFor(type, node.selections);
          return added.length === 0 ? undefined : { ...node, selections: [...node.selections, ...added] };
        },
      },
    }),
  );
  return print(extended);
}

function hiddenSelectionsFor(
  type: GraphQLObjectType,
  selections: readonly SelectionNode[],
): readonly SelectionNode[] {
  const fields = type.getFields();
  const texts = Object.entries(selectionsByField)
    .filter(([name]) => name in fields)
    .map(([, text]) => text);
  if ('progress' in fields)
    texts.push(`${names.progress}: progress { tenantsDone tenantsTotal secondsLeft }`);
  if ('edges' in fields && 'pageInfo' in fields) {
    const rows = selections.filter(
      (each): each is FieldNode =>
        each.kind === Kind.FIELD && (each.name.value === 'nodes' || each.name.value === 'edges'),
    );
    for (const { alias, name } of rows) texts.push(`${rowsPrefix}${(alias ?? name).value}: edges { cursor }`);
    if (rows.length > 0) texts.push(`${names.page}: pageInfo { hasNextPage }`);
  }
  return texts.length === 0 ? [] : selectionsOf(`{ ${texts.join(' ')} }`);
}

function selectionsOf(text: string): readonly SelectionNode[] {
  const [definition] = parse(text, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : [];
}

/** How far a report has come; null if its event does not say. */
export function progressIn(
  data: unknown,
): { readonly done: number; readonly total: number; readonly secondsLeft: number | null } | null {
  const [root] = isRecord(data) ? Object.values(data) : [];
  const progress = isRecord(root) ? root[names.progress] : undefined;
  if (!isRecord(progress)) return null;
  const { tenantsDone, tenantsTotal, secondsLeft } = progress;
  if (typeof tenantsDone !== 'number' || typeof tenantsTotal !== 'number') return null;
  return {
    done: tenantsDone,
    total: tenantsTotal,
    secondsLeft: typeof secondsLeft === 'number' ? secondsLeft : null,
  };
}

/** Takes the hidden fields out of an answer's data, which then has what the document itself selects. */
export function takeHiddenFields(data: unknown): HiddenFields {
  const found = {
    isComplete: true,
    changedWhileRead: false,
    matchedCustomers: null as MatchedCustomers | null,
    missing: new Map<string, Missing>(),
    lists: [] as AnswerList[],
  };
  const take = (value: unknown, path: string): void => {
    if (Array.isArray(value)) {
      value.forEach((each, index) => {
        take(each, `${path}.${index}`);
      });
      return;
    }
    if (!isRecord(value)) return;
    const hidden = removeHidden(value);
    found.matchedCustomers ??= (hidden[names.customers] as MatchedCustomers | null | undefined) ?? null;
    if (hidden[names.isComplete] === false) found.isComplete = false;
    if (hidden[names.changedWhileRead] === true) found.changedWhileRead = true;
    for (const missing of (hidden[names.missing] ?? []) as readonly Missing[])
      found.missing.set(JSON.stringify([missing.customerId, missing.tenantId, missing.reason]), missing);
    const page = hidden[names.page] as { readonly hasNextPage: boolean } | undefined;
    for (const [key, child] of Object.entries(value)) {
      const at = path === '' ? key : `${path}.${key}`;
      if (Array.isArray(child)) {
        const edges = hidden[`${rowsPrefix}${key}`] as readonly { readonly cursor: string }[] | undefined;
        found.lists.push({
          path: at,
          holder: value,
          key,
          cursors: edges?.map(({ cursor }) => cursor) ?? null,
          hasMore: edges !== undefined && page?.hasNextPage === true,
        });
      }
      take(child, at);
    }
  };
  take(data, '');
  return { ...found, missing: [...found.missing.values()] };
}

function removeHidden(value: Record<string, unknown>): Readonly<Record<string, unknown>> {
  const hidden: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (!hiddenNames.has(key) && !key.startsWith(rowsPrefix)) continue;
    hidden[key] = value[key];
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- an answer that was just parsed, for this use alone
    delete value[key];
  }
  return hidden;
}

/** An object that may be changed, since it was parsed for this answer alone. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
