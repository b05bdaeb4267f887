/** Which protection rows, and in which order. The joined row is the user it belongs to. */
import { compileFilter, contains, isValue, type Condition } from '../listing/condition.ts';
import { orderOf, type Order } from '../listing/order.ts';
import type { ProtectionState, ProtectionStatusRecord, UserRecord } from '../model.ts';
import { isProtectedBy, protectionStateOf } from '../survey/protection-state.ts';
import type { ProtectionStatusFilter, ProtectionStatusOrder } from './generated/resolvers.ts';

/** What is least protected comes first. */
export const stateRanks: Readonly<Record<ProtectionState, number>> = {
  NO_ROW: 0,
  UNPROTECTED: 1,
  PARTIALLY_PROTECTED: 2,
  PROTECTED: 3,
};

export function protectionStatusCondition(
  filter: ProtectionStatusFilter | null | undefined,
): Condition<ProtectionStatusRecord, UserRecord> | null {
  return compileFilter<ProtectionStatusFilter, ProtectionStatusRecord, UserRecord>(
    'filter',
    filter,
    ({ search, state, module, isProtected, hasUser }) => [
      ...isValue(state, protectionStateOf),
      ...(typeof isProtected === 'boolean'
        ? isValue(isProtected, (row: ProtectionStatusRecord) => isProtectedBy(row, module))
        : module
          ? [({ modules }: ProtectionStatusRecord) => modules.some((status) => status.module === module)]
          : []),
      ...contains(search, (row: ProtectionStatusRecord) => [row.email, row.displayName]),
      ...(typeof hasUser === 'boolean'
        ? [
            (_row: ProtectionStatusRecord, user: UserRecord | null | undefined) =>
              user === undefined ? null : (user !== null) === hasUser,
          ]
        : []),
    ],
  );
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
