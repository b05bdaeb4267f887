/**
 * Cost of an operation before it is executed: possible rows and values of its answer, and the upstream calls that these
 * could need. Prices come from the schema, sizes from arguments and from lengths that are known already.
 */
import {
  isAbstractType,
  isObjectType,
  valueFromASTUntyped,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { LimitError } from '../errors.ts';
import type { KnownLengths } from './known-lengths.ts';
import {
  conditionsOf,
  fragmentsOf,
  includedBy,
  SelectionWalker,
  type FieldNodes,
} from '../selection-walker.ts';
import { checkPrices, pricesOf, type FieldPrice, type Prices } from './prices.ts';

export interface Cost {
  /** Rows of the upstream in the answer. */
  readonly rows: number;
  /** Objects and leaf values of the answer, absent ones included. */
  readonly values: number;
  /** Calls of the upstream if nothing is cached. */
  readonly calls: number;
}

type Variables = Readonly<Record<string, unknown>>;

export interface CostModel {
  /**
   * The operation's price under coerced variables.
   *
   * @throws LimitError if it is more than `max`, or asks for too much of the schema's description
   */
  readonly check: (
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables,
    known: KnownLengths,
    max: Cost,
  ) => Cost;
}

/** Three times what tools ask for to know all of the schema. */
const maxIntrospected = 40_000;

/** Ids whose objects are looked up one by one: each takes as much work as several rows of a page. */
const maxIds = 5000;

/** @throws Error if the schema lacks a price */
export function createCostModel(schema: GraphQLSchema): CostModel {
  checkPrices(schema);
  const prices = pricesOf(schema);
  const priced = new WeakMap<OperationDefinitionNode, PricedOperation>();
  return {
    check: (document, operation, variables, known, max) => {
      let total = priced.get(operation);
      if (!total?.isValid(known)) {
        const pricing = new Pricing(schema, prices, document, variables, known);
        total = pricing.price(operation);
        if (total.isReusable) priced.set(operation, total);
      }
      const { cost, introspected, ids } = total;
      const counts = [
        ['values of the schema', introspected, maxIntrospected],
        ['ids', ids, maxIds],
        ['possible rows', cost.rows, max.rows],
        ['possible values', cost.values, max.values],
        ['possible calls of the upstream', cost.calls, max.calls],
      ] as const;
      for (const [name, value, limit] of counts) if (value > limit) throw new LimitError(name, value, limit);
      return cost;
    },
  };
}

interface PricedOperation {
  readonly cost: Cost;
  /** Values of the schema's description. */
  readonly introspected: number;
  /** Ids in arguments of lists of objects by their ids. */
  readonly ids: number;
  /** Whether it depends on no variable and on no ids. */
  readonly isReusable: boolean;
  /** Whether the lengths that were looked at are still the same. */
  readonly isValid: (known: KnownLengths) => boolean;
}

type Tally = Record<(typeof dimensions)[number], number>;

const dimensions = ['rows', 'values', 'calls', 'introspected', 'ids'] as const;
const nothing = (): Tally => ({ rows: 0, values: 0, calls: 0, introspected: 0, ids: 0 });

/** What a field hands down to the fields below it. */
interface Parents {
  /** How many objects there are. */
  readonly times: number;
  /** Its lists whose size is known, and that size. */
  readonly sizedFields: ReadonlySet<string>;
  readonly size: number;
  /** The ids by which an argument names the rows; null if none does. */
  readonly keys: readonly string[] | null;
}

class Pricing {
  readonly #schema: GraphQLSchema;
  readonly #prices: Prices;
  readonly #variables: Variables;
  readonly #known: KnownLengths;
  readonly #walker: SelectionWalker;
  readonly #lengths = new Map<string, number | null>();
  #isReusable = true;

  constructor(
    schema: GraphQLSchema,
    prices: Prices,
    document: DocumentNode,
    variables: Variables,
    known: KnownLengths,
  ) {
    this.#schema = schema;
    this.#prices = prices;
    this.#known = known;
    this.#variables = new Proxy(variables, {
      get: (values, name) => {
        this.#isReusable = false;
        return Reflect.get(values, name) as unknown;
      },
    });
    const fragments = fragmentsOf(document);
    this.#walker = new SelectionWalker({
      fragmentOf: (name) => fragments.get(name),
      isIncluded: includedBy(this.#variables),
    });
  }

  price({ operation, selectionSet }: OperationDefinitionNode): PricedOperation {
    const root = this.#schema.getRootType(operation);
    const parents = { times: 1, sizedFields: new Set<string>(), size: 0, keys: null };
    const { rows, values, calls, introspected, ids } = this.#selection(
      root ?? undefined,
      [selectionSet],
      parents,
    );
    const lengths = this.#lengths;
    return {
      cost: { rows: Math.round(rows), values: Math.round(values), calls: Math.round(calls) },
      introspected: Math.round(introspected),
      ids: Math.round(ids),
      isReusable: this.#isReusable,
      isValid: (known) => [...lengths].every(([field, length]) => known.lengthOf(field, null) === length),
    };
  }

  /** An object of an interface or a union counts for what the dearest of its types would. */
  #selection(
    type: GraphQLNamedType | undefined,
    sets: readonly (SelectionSetNode | undefined)[],
    parents: Parents,
  ): Tally {
    const total = nothing();
    if (isAbstractType(type)) {
      for (const possible of this.#schema.getPossibleTypes(type)) {
        const each = this.#selection(possible, sets, parents);
        for (const name of dimensions) total[name] = Math.max(total[name], each[name]);
      }
    } else if (isObjectType(type)) {
      for (const nodes of this.#walker.collect(sets, conditionsOf(this.#schema, type.name)).values()) {
        const price = this.#prices.get(`${type.name}.${nodes[0].name.value}`);
        const each = price === undefined ? nothing() : this.#field(price, nodes, parents);
        for (const name of dimensions) total[name] += each[name];
      }
    }
    return total;
  }

  #field(price: FieldPrice, nodes: FieldNodes, parents: Parents): Tally {
    const { name, field, type, weight, isIntrospection, listSize, sizedFields, upstream } = price;
    const { times } = parents;
    const isConnection = sizedFields.size > 0;
    const argument = (of: string): unknown => {
      const value = nodes[0].arguments?.find((each) => each.name.value === of)?.value;
      return value === undefined ? null : (valueFromASTUntyped(value, this.#variables) ?? null);
    };
    const keys = upstream?.keys ? idsOf(argument(upstream.keys)) : null;
    const known = keys?.length ?? (listSize === null ? null : this.#lengthOf(name, parents.keys));
    const slices = (listSize?.slicingArguments ?? []).map(argument).filter((value) => value !== null);
    const assumed = (isConnection ? null : known) ?? listSize?.assumedSize ?? 1;
    const sliced = slices.length === 0 ? assumed : Math.max(0, ...slices.map(sizeOf));
    const size = parents.sizedFields.has(field.name) ? parents.size : Math.min(sliced, known ?? Infinity);
    const count = isConnection ? times : times * size;
    const values = Math.max(times, count);
    const total = {
      rows: count * weight,
      values: isIntrospection ? 0 : values,
      introspected: isIntrospection ? values : 0,
      calls: 0,
      ids: isConnection || !slices.some(Array.isArray) ? 0 : count,
    };
    if (upstream !== null) {
      const { calls, batch, page, length, whole, reads } = upstream;
      const isWhole = !isConnection || (whole ?? []).some((of) => isSet(argument(of)));
      const lengths = (reads ?? []).map((list) => this.#assumedLength(list, parents.keys));
      const all = lengths.length > 0 ? lengths.reduce((product, each) => product * each, 1) : null;
      const read =
        keys?.length ?? (isWhole ? (all ?? (isConnection ? (known ?? length) : null) ?? size) : size);
      total.calls =
        calls * (page ? times * Math.max(1, Math.ceil(read / page)) : Math.ceil((times * read) / batch));
    }
    const below = { times: count, sizedFields, size, keys: upstream === null ? parents.keys : keys };
    const children = this.#selection(
      type,
      nodes.map(({ selectionSet }) => selectionSet),
      below,
    );
    for (const each of dimensions) total[each] += children[each];
    return total;
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

  #assumedLength(list: string, keys: readonly string[] | null): number {
    const price = this.#prices.get(list);
    return this.#lengthOf(list, keys) ?? price?.upstream?.length ?? price?.listSize?.assumedSize ?? 1;
  }
}

function idsOf(value: unknown): readonly string[] | null {
  if (value === null) return null;
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** A number of rows, or a list of what names them; one value is a list of one. */
function sizeOf(value: unknown): number {
  return typeof value === 'number' ? value : Array.isArray(value) ? value.length : 1;
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== null;
}
