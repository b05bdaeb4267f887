/**
 * Cost of an operation before execution: rows and values of its response, and upstream calls. Prices come from the
 * schema; sizes come from arguments and cached lengths.
 */
import {
  isAbstractType,
  Kind,
  valueFromASTUntyped,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { LimitError } from '../errors.ts';
import type { KnownLengths } from './known-lengths.ts';
import { idsInFilters, idsOf, textOfArguments } from './argument-values.ts';
import { checkPrices, pricesOf, type FieldPrice, type Prices } from './prices.ts';
import {
  selectPrices,
  type OperationSelection,
  type PricedField,
  type PricedSelection,
} from './selected-prices.ts';
import { callsOfWholeLists, upstreamCalls } from './upstream-calls.ts';

export interface Cost {
  readonly rows: number;
  /** Objects and leaf values in the response, including absent ones. */
  readonly values: number;
  /** Upstream calls if nothing is cached. */
  readonly calls: number;
}

type Variables = Readonly<Record<string, unknown>>;

export interface CostModel {
  /**
   * Price of an operation with coerced variables.
   *
   * @throws LimitError above `max`, or for too much introspection
   */
  readonly check: (
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables,
    known: KnownLengths,
    max: Cost,
  ) => Cost;
  /**
   * Upstream calls that an operation probably makes if nothing is cached: each list is read once, however many fields
   * need it.
   */
  readonly estimateCalls: (
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables,
    known: KnownLengths,
  ) => CallEstimate;
}

export interface CallEstimate {
  readonly calls: number;
  /** Assumed lengths of lists without a cached one, as `Type.field`. */
  readonly assumed: Readonly<Record<string, number>>;
}

/** Three times a full introspection by common tools. */
const maxIntrospected = 40_000;

/** Ids looked up one by one, which each cost as much as several rows of a page. */
const maxIds = 5000;

/** Groups of users for each distinct summary, kind and tenant. */
const maxGroups = 5_000_000;

/**
 * Characters of a document per cached field selection, which limits cached selections to about the memory of the syntax
 * tree.
 */
const charactersPerField = 4;

/** @throws Error if the schema lacks a price */
export function createCostModel(schema: GraphQLSchema): CostModel {
  checkPrices(schema);
  const prices = pricesOf(schema);
  const priced = new WeakMap<OperationDefinitionNode, PricedOperation>();
  const selections = new WeakMap<OperationDefinitionNode, OperationSelection>();
  const selectionOf = (document: DocumentNode, operation: OperationDefinitionNode, variables: Variables) => {
    const known = selections.get(operation);
    if (known !== undefined) return known;
    const selection = selectPrices(schema, prices, document, operation, variables);
    const characters = document.loc?.source.body.length ?? 0;
    const isShort = charactersPerField * selection.fields <= characters;
    if (selection.isReusable && isShort) selections.set(operation, selection);
    return selection;
  };
  return {
    check: (document, operation, variables, known, max) => {
      let total = priced.get(operation);
      if (!total?.isValid(known)) {
        const selection = selectionOf(document, operation, variables);
        total = new Pricing(prices, variables, known).price(selection.root);
        if (total.isReusable && selection.isReusable) priced.set(operation, total);
      }
      const { cost, introspected, ids, groups } = total;
      checkLimit('values of the schema', introspected, maxIntrospected);
      checkLimit('ids', ids, maxIds);
      checkLimit(
        'possible groups of users, counted for each kind and tenant of each different summary',
        groups,
        maxGroups,
      );
      checkLimit('possible rows', cost.rows, max.rows);
      checkLimit('possible values', cost.values, max.values);
      checkLimit('possible calls of the upstream', cost.calls, max.calls);
      return cost;
    },
    estimateCalls: (document, operation, variables, known) => {
      const assumed: Record<string, number> = {};
      const lengths: KnownLengths = {
        ...known,
        lengthOf: (field, keys) => known.lengthOf(field, keys) ?? known.averageOf(field),
      };
      const calls = new Map<string, number>();
      const { root } = selectionOf(document, operation, variables);
      const pricing = new Pricing(prices, variables, lengths, (list, added) => {
        calls.set(list, (calls.get(list) ?? 0) + added);
      });
      pricing.price(root);
      const whole = callsOfWholeLists(prices, (list) => pricing.assumedLength(list, null));
      let total = 0;
      for (const [list, sum] of calls) {
        total += Math.min(sum, whole.get(list) ?? Infinity);
        const length = prices.get(list)?.upstream?.length;
        if (length && lengths.lengthOf(list, null) === null) assumed[list] = length;
      }
      return { calls: Math.round(total), assumed };
    },
  };
}

function checkLimit(name: string, value: number, limit: number): void {
  if (value > limit) throw new LimitError(name, value, limit);
}

interface PricedOperation {
  readonly cost: Cost;
  /** Values of introspection. */
  readonly introspected: number;
  /** Ids in arguments of lists that are looked up by id. */
  readonly ids: number;
  /** Counted groups of users. */
  readonly groups: number;
  /** Whether it is independent of variables and ids. */
  readonly isReusable: boolean;
  /** Whether the lengths used are current. */
  readonly isValid: (known: KnownLengths) => boolean;
}

type Tally = Record<(typeof dimensions)[number], number>;

const dimensions = ['rows', 'values', 'calls', 'introspected', 'ids', 'groups'] as const;
const noFields: ReadonlySet<string> = new Set();
const nothing = (): Tally => ({ rows: 0, values: 0, calls: 0, introspected: 0, ids: 0, groups: 0 });

/** What a field passes to the fields below it. */
interface Parents {
  readonly times: number;
  /** Minimum number of tenants that the objects belong to. */
  readonly tenants: number;
  /** Number of tenants that each object sums up. */
  readonly summedTenants: number;
  /** Lists of known size. */
  readonly sizedFields: ReadonlySet<string>;
  readonly size: number;
  /** Ids in the argument that selects rows, or null. */
  readonly keys: readonly string[] | null;
  /** Kinds of groups already priced for these objects and for those with equal arguments. */
  readonly kinds: Set<unknown>;
}

/** Kinds of groups already priced, by the field and the arguments of summaries of one object. */
type KindsOfSummaries = Map<string, Set<unknown>>;

class Pricing {
  readonly #prices: Prices;
  readonly #variables: Variables;
  readonly #known: KnownLengths;
  readonly #lengths = new Map<string, number | null>();
  readonly #onCalls: ((list: string, calls: number) => void) | null;
  #isReusable = true;

  /** @param onCalls receives the calls of each list that a field reads */
  constructor(
    prices: Prices,
    variables: Variables,
    known: KnownLengths,
    onCalls: ((list: string, calls: number) => void) | null = null,
  ) {
    this.#onCalls = onCalls;
    this.#prices = prices;
    this.#known = known;
    this.#variables = variables;
  }

  price(selection: PricedSelection): PricedOperation {
    const parents = {
      times: 1,
      tenants: 1,
      summedTenants: 1,
      sizedFields: noFields,
      size: 0,
      keys: null,
      kinds: new Set(),
    };
    const { rows, values, calls, introspected, ids, groups } = this.#selection(selection, parents);
    const lengths = this.#lengths;
    return {
      cost: { rows: Math.round(rows), values: Math.round(values), calls: Math.round(calls) },
      introspected: Math.round(introspected),
      ids: Math.round(ids),
      groups: Math.round(groups),
      isReusable: this.#isReusable,
      isValid: (known) => [...lengths].every(([field, length]) => known.lengthOf(field, null) === length),
    };
  }

  /** An object of an interface or a union costs as much as its most expensive type. */
  #selection(selection: PricedSelection, parents: Parents): Tally {
    const total = nothing();
    const [only] = selection;
    if (selection.length === 1 && only !== undefined) {
      const kinds: KindsOfSummaries = new Map();
      for (const field of only) this.#add(total, field, parents, kinds);
      return total;
    }
    for (const fields of selection) {
      const each = nothing();
      const kinds: KindsOfSummaries = new Map();
      for (const field of fields) this.#add(each, field, parents, kinds);
      for (const name of dimensions) total[name] = Math.max(total[name], each[name]);
    }
    return total;
  }

  #add(
    total: Tally,
    { price, arguments: given, below }: PricedField,
    parents: Parents,
    kindsOfSummaries: KindsOfSummaries,
  ): void {
    const { name, field, weight, isIntrospection, listSize, sizedFields, upstream, argumentReads } = price;
    const { times, tenants } = parents;
    const isConnection = sizedFields.size > 0;
    const argument = (of: string): unknown => {
      const value = given.find((each) => each.name.value === of)?.value;
      if (value === undefined) return null;
      if (value.kind === Kind.VARIABLE || value.kind === Kind.LIST || value.kind === Kind.OBJECT)
        this.#isReusable = false;
      return valueFromASTUntyped(value, this.#variables) ?? null;
    };
    const keys = upstream?.keys ? idsOf(argument(upstream.keys)) : null;
    const known = keys?.length ?? (listSize === null ? null : this.#lengthOf(name, parents.keys));
    const slices = (listSize?.slicingArguments ?? []).map(argument).filter((value) => value !== null);
    const assumed = (isConnection ? null : known) ?? listSize?.assumedSize ?? 1;
    const sliced = slices.length === 0 ? assumed : Math.max(0, ...slices.map(sizeOf));
    const size = parents.sizedFields.has(field.name) ? parents.size : Math.min(sliced, known ?? Infinity);
    const count = isConnection ? times : times * size;
    const values = Math.max(times, count);
    total.rows += count * weight;
    if (price.groups !== null) {
      const kind = argument(price.groups.by);
      if (!parents.kinds.has(kind)) total.groups += times * parents.summedTenants * price.groups.perTenant;
      parents.kinds.add(kind);
    }
    if (isIntrospection) total.introspected += values;
    else total.values += values;
    if (!isConnection && slices.some(Array.isArray)) total.ids += count;
    if (upstream !== null) {
      const counting = new Set(upstream.counts);
      const selects = (isSelected: (field: string) => boolean) =>
        below.some((fields) => fields.some((each) => isSelected(each.price.field.name)));
      const hasRows = !isConnection || selects((each) => !counting.has(each) && each !== '__typename');
      const argumentLists = new Set<string>();
      for (const [of, addLists] of argumentReads) addLists(argument(of), argumentLists);
      const reads = {
        price,
        upstream,
        times,
        tenants,
        size: hasRows ? size : 0,
        keys: keys?.length ?? null,
        isConnection,
        isWhole: !isConnection || (upstream.whole ?? []).some((of) => isSet(argument(of))),
        argumentLists,
        isCounted: selects((each) => counting.has(each)),
        isFromEnd: keys === null && isSet(argument('last')),
      };
      upstreamCalls(
        reads,
        this.#prices,
        (list) => this.assumedLength(list, list === name ? parents.keys : (keys ?? parents.keys)),
        (list, calls) => {
          total.calls += calls;
          this.#onCalls?.(list, calls);
        },
      );
    }
    if (below.length === 0) return;
    let { kinds } = parents;
    if (below.some((fields) => fields.some((each) => each.price.groups !== null))) {
      const summary = `${name} ${textOfArguments(given)}`;
      kinds = kindsOfSummaries.get(summary) ?? new Set();
      kindsOfSummaries.set(summary, kinds);
    }
    const children = this.#selection(below, {
      times: count,
      tenants: this.#tenantsOf(price, size, count, parents),
      summedTenants: isConnection ? 1 : this.#summedTenants(price, argument, parents),
      sizedFields,
      size,
      keys: upstream === null ? parents.keys : keys,
      kinds,
    });
    for (const each of dimensions) total[each] += children[each];
  }

  /** Tenants of a field's objects: each list and each global id may have another tenant. */
  #tenantsOf(
    { type, sizedFields, upstream }: FieldPrice,
    size: number,
    count: number,
    parents: Parents,
  ): number {
    if (isAbstractType(type)) return Math.max(1, count);
    if (sizedFields.size === 0) return parents.tenants;
    const path = [...(upstream?.reads ?? [])];
    const last = path.pop();
    const lengthOf = (list: string) => this.assumedLength(list, parents.keys);
    const perList =
      last === undefined
        ? 1
        : Math.min(
            path.reduce((product, list) => product * lengthOf(list), 1),
            Math.ceil(size / Math.max(1, lengthOf(last))),
          );
    return Math.max(1, parents.times * perList);
  }

  /** Tenants whose lists a field reads for each object. */
  #summedTenants(
    { field, upstream }: FieldPrice,
    argument: (of: string) => unknown,
    { keys: parentKeys }: Parents,
  ): number {
    let product = 1;
    let keys = parentKeys;
    for (const list of (upstream?.reads ?? []).filter((each) => !each.startsWith('Tenant.'))) {
      const idsName = this.#prices.get(list)?.upstream?.keys;
      const given = idsName ? field.args.map((each) => argument(each.name)) : [];
      const ids = idsName ? idsInFilters(idsName, given) : null;
      product *= Math.min(ids?.length ?? Infinity, this.assumedLength(list, keys));
      keys = ids ?? keys;
    }
    return product;
  }

  #lengthOf(field: string, keys: readonly string[] | null): number | null {
    if (keys !== null) {
      this.#isReusable = false;
      return this.#known.lengthOf(field, keys);
    }
    let length = this.#lengths.get(field);
    if (length === undefined) this.#lengths.set(field, (length = this.#known.lengthOf(field, null)));
    return length;
  }

  assumedLength(list: string, keys: readonly string[] | null): number {
    const price = this.#prices.get(list);
    return this.#lengthOf(list, keys) ?? price?.upstream?.length ?? price?.listSize?.assumedSize ?? 1;
  }
}

/** Number of rows, or of their keys; a single value counts as a list of one. */
function sizeOf(value: unknown): number {
  return typeof value === 'number' ? value : Array.isArray(value) ? value.length : 1;
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null;
}
