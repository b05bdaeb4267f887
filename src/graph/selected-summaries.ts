/**
 * Populations that an operation counts, collected from its document before the first tenant is read, so that each
 * tenant is read only once.
 */
import {
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from 'graphql';
import { CallerError } from '../errors.ts';
import type { Grouping, ProtectionSummaryRecord } from '../model.ts';
import { filtersIn } from '../list-query/predicate.ts';
import { conditionsOf, includedBy, SelectionWalker } from '../selection-walker.ts';
import type { FieldPath } from '../scope.ts';
import type { Population } from '../reporting/population.ts';
import { emptySummary, type Summaries } from '../reporting/summarize.ts';
import type { CoverageFilter, CustomerFilter, UserFilter } from './generated/resolvers.ts';
import { userPredicate } from './user-filter.ts';

/** Population of a field, and all populations of its operation. */
export interface SelectedSummaries {
  readonly own: Population;
  readonly populations: readonly Population[];
  readonly summaryOf: (summaries: Summaries) => ProtectionSummaryRecord;
}

/** Every population is evaluated for every user. */
const maxPopulations = 20;

/**
 * Populations for a field that returns a summary.
 *
 * @param users the field's own filter; absent for all users
 * @throws CallerError
 */
export function selectedSummaries(
  users: UserFilter | null | undefined,
  info: OperationInfo,
): SelectedSummaries {
  const { name } = populationOf(users);
  const populations = populationsOf(info);
  const own = populations.find((population) => population.name === name);
  if (own === undefined) throw new Error('A field counts users that its operation does not ask for.');
  return { own, populations, summaryOf: (summaries) => summaries.get(name) ?? emptySummary };
}

/** Part of the resolve info that determines an operation's populations. */
type OperationInfo = Pick<GraphQLResolveInfo, 'schema' | 'operation' | 'fragments' | 'variableValues'>;

/** Why a field selects customers. */
export function selectionPurpose(info: OperationInfo & Pick<GraphQLResolveInfo, 'path'>): {
  readonly cause: FieldPath;
  readonly populations: () => readonly Population[];
} {
  return { cause: info.path, populations: () => populationsOf(info) };
}

/** Populations that a filter of customers needs outside an operation. Throws CallerError. */
export function populationsOfFilter(customers: CustomerFilter | null): readonly Population[] {
  const found = new Map(
    coveragesOf(customers).map(({ users }) => {
      const population = populationOf(users);
      return [population.name, { ...population, groupings: new Set<Grouping>() }];
    }),
  );
  return withinLimit([...found.values()]);
}

/** @throws CallerError for too many populations */
function withinLimit(populations: readonly Population[]): readonly Population[] {
  if (populations.length <= maxPopulations) return populations;
  throw new CallerError(
    `users: expected ${maxPopulations} different filters for the summaries of an operation at most, but got ${populations.length}.`,
  );
}

/**
 * All populations of an operation.
 *
 * @throws CallerError for too many
 */
export function populationsOf(info: OperationInfo): readonly Population[] {
  const byOperation = collected.get(info.variableValues) ?? new WeakMap<object, readonly Population[]>();
  collected.set(info.variableValues, byOperation);
  let populations = byOperation.get(info.operation);
  if (populations === undefined) byOperation.set(info.operation, (populations = collect(info)));
  return withinLimit(populations);
}

/** By an execution's variables, then by its operation. */
const collected = new WeakMap<object, WeakMap<object, readonly Population[]>>();

/** Users that match a filter. Throws CallerError. */
export function populationOf(users: UserFilter | null | undefined): Pick<Population, 'name' | 'predicate'> {
  const predicate = userPredicate(users, 'users');
  return { name: predicate === null ? '' : JSON.stringify(users), predicate };
}

/** Coverage filters within a filter of customers, `and`, `or` and `not` included. */
export function coveragesOf(filter: CustomerFilter | null | undefined): Pick<CoverageFilter, 'users'>[] {
  return [...filtersIn(filter)].flatMap(({ coverage, userCount }) => [
    ...(coverage ? [coverage] : []),
    ...(userCount ? [{ users: null }] : []),
  ]);
}

/** Orders of customers that need their summaries. */
export const summaryOrders = ['USER_COUNT', 'COVERAGE'] as const;

export function ordersBySummary(orderBy: unknown): boolean {
  return (
    Array.isArray(orderBy) &&
    orderBy.some((name) => summaryOrders.some((order) => String(name).startsWith(`${order}_`)))
  );
}

type Groupings = Set<Grouping>;

function collect({ schema, operation, fragments, variableValues }: OperationInfo): readonly Population[] {
  const found = new Map<string, Population & { readonly groupings: Groupings }>();
  const add = (users: UserFilter | null | undefined): Groupings => {
    const population = populationOf(users);
    const known = found.get(population.name) ?? { ...population, groupings: new Set<Grouping>() };
    found.set(population.name, known);
    return known.groupings;
  };
  const isIncluded = includedBy(variableValues);
  const walker = new SelectionWalker({ fragmentOf: (name) => fragments[name], isIncluded });
  /** @param groupings of the summary around the fields */
  const visit = (
    type: GraphQLNamedType,
    sets: readonly (SelectionSetNode | undefined)[],
    groupings: Groupings | null,
  ): void => {
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
    for (const objectType of types) {
      for (const nodes of walker.collect(sets, conditionsOf(schema, objectType.name)).values()) {
        const [node] = nodes;
        const field = objectType.getFields()[node.name.value];
        if (field === undefined) continue;
        let below = groupings;
        if (field.args.length > 0) {
          try {
            const values = getArgumentValues(field, node, variableValues);
            if (objectType.name === 'ProtectionSummary' && field.name === 'groups')
              groupings?.add(values['by'] as Grouping);
            else below = addPopulations(field, values, add) ?? groupings;
          } catch {
            // The field itself reports the error.
          }
        }
        const named = getNamedType(field.type);
        if (!isCompositeType(named)) continue;
        visit(
          named,
          nodes.map(({ selectionSet }) => selectionSet),
          below,
        );
      }
    }
  };
  const root = schema.getRootType(operation.operation);
  if (root) visit(root, [operation.selectionSet], null);
  return [...found.values()];
}

const summaryTypes: ReadonlySet<string> = new Set(['ProtectionSummary', 'ProtectionReport']);

/** Adds the populations that a field's arguments need; returns the groupings of its own population, or null. */
function addPopulations(
  { args, type }: GraphQLField<unknown, unknown>,
  values: Readonly<Record<string, unknown>>,
  add: (users: UserFilter | null | undefined) => Groupings,
): Groupings | null {
  const users = values['users'] as UserFilter | null | undefined;
  for (const { name, type: argumentType } of args) {
    if (getNamedType(argumentType).name !== 'CustomerFilter') continue;
    for (const coverage of coveragesOf(values[name] as CustomerFilter | null | undefined))
      add(coverage.users ?? users);
  }
  if (summaryTypes.has(getNamedType(type).name)) return add(users);
  if (ordersBySummary(values['orderBy'])) add(users);
  return null;
}
