/** Filter and order of protection rows. The joined row is the user. */
import { compileFilter, contains, isValue, type Predicate } from '../list-query/predicate.ts';
import { orderOf, type Order } from '../list-query/order.ts';
import type { ProtectionState, ProtectionStatusRecord, UserRecord } from '../model.ts';
import { isProtectedBy, protectionStateOf } from '../reporting/protection-state.ts';
import type {
  ProtectionState as GraphProtectionState,
  ProtectionStatusFilter,
  ProtectionStatusOrder,
} from './generated/resolvers.ts';

/** Sort keys of the states, least protected first. */
export const stateOrder: Readonly<Record<ProtectionState, number>> = {
  NOT_IN_BACKUP: 0,
  UNPROTECTED: 1,
  PARTIALLY_PROTECTED: 2,
  PROTECTED: 3,
};

/** Whether a row, or its absence, has one of these states; `NO_ROW` is the former name of `NOT_IN_BACKUP`. */
export function hasState(
  states: readonly GraphProtectionState[],
): (row: Pick<ProtectionStatusRecord, 'modules'> | null) => boolean {
  const named = new Set(states.map((state) => (state === 'NO_ROW' ? 'NOT_IN_BACKUP' : state)));
  return (row) => named.has(protectionStateOf(row));
}

export function protectionStatusPredicate(
  filter: ProtectionStatusFilter | null | undefined,
): Predicate<ProtectionStatusRecord> | null {
  return compileFilter<ProtectionStatusFilter, ProtectionStatusRecord, unknown>('filter', filter, {
    state: (expected) => (expected ? [hasState([expected])] : []),
    states: (expected) => (expected ? [hasState(expected)] : []),
    isProtected: (expected, { module }) => isValue(expected, (row) => isProtectedBy(row, module)),
    module: (expected, { isProtected }) =>
      expected && typeof isProtected !== 'boolean'
        ? [({ modules }) => modules.some(({ module }) => module === expected)]
        : [],
    search: (expected) => contains(expected, ({ email, displayName }) => [email, displayName]),
    hasUser: (expected) =>
      typeof expected === 'boolean'
        ? [(_row, user) => (user === undefined ? null : (user !== null) === expected)]
        : [],
  });
}

/** Whether the filter needs every row's user. */
export function readsAllUsers(filter: ProtectionStatusFilter | null | undefined): boolean {
  const set = Object.entries(filter ?? {}).filter(([, value]) => value !== null);
  return set.length > 0 && set.every(([name]) => name === 'hasUser');
}

export function protectionStatusOrder(
  names: readonly ProtectionStatusOrder[] | null | undefined,
): Order<ProtectionStatusRecord, UserRecord> | null {
  return orderOf<ProtectionStatusOrder, ProtectionStatusRecord, UserRecord>(
    names,
    {
      EMAIL: ({ email }) => email,
      DISPLAY_NAME: ({ displayName }) => displayName,
      PROTECTION: (row) => stateOrder[protectionStateOf(row)],
    },
    [],
  );
}
