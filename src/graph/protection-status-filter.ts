/** Which protection rows, and in which order. The joined row is the user it belongs to. */
import { compileFilter, contains, isValue, type Predicate } from '../list-query/predicate.ts';
import { orderOf, type Order } from '../list-query/order.ts';
import type { ProtectionState, ProtectionStatusRecord, UserRecord } from '../model.ts';
import { isProtectedBy, protectionStateOf } from '../reporting/protection-state.ts';
import type {
  ProtectionState as GraphProtectionState,
  ProtectionStatusFilter,
  ProtectionStatusOrder,
} from './generated/resolvers.ts';

/** What is least protected comes first. */
export const stateRanks: Readonly<Record<ProtectionState, number>> = {
  NOT_IN_BACKUP: 0,
  UNPROTECTED: 1,
  PARTIALLY_PROTECTED: 2,
  PROTECTED: 3,
};

/** Whether a row, or its absence, is in one of these states; a former name stands for the new one. */
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
    state: (wanted) => (wanted ? [hasState([wanted])] : []),
    states: (wanted) => (wanted ? [hasState(wanted)] : []),
    isProtected: (wanted, { module }) => isValue(wanted, (row) => isProtectedBy(row, module)),
    module: (wanted, { isProtected }) =>
      wanted && typeof isProtected !== 'boolean'
        ? [({ modules }) => modules.some(({ module }) => module === wanted)]
        : [],
    search: (wanted) => contains(wanted, ({ email, displayName }) => [email, displayName]),
    hasUser: (wanted) =>
      typeof wanted === 'boolean'
        ? [(_row, user) => (user === undefined ? null : (user !== null) === wanted)]
        : [],
  });
}

/** Whether the user of every row is looked at, whatever else the row is like. */
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
      PROTECTION: (row) => stateRanks[protectionStateOf(row)],
    },
    [],
  );
}
