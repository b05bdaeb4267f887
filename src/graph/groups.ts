/** Groups of a summary's users as a connection. */
import { LimitError } from '../errors.ts';
import { pure } from '../execution/resolver-kinds.ts';
import type { DroppedGroups, IdentifiedSummaryRecord, ShownGroupRecord } from '../model.ts';
import type { Order } from '../list-query/order.ts';
import { GroupRow } from '../reporting/group-table.ts';
import { groupKeyOf, maxGroups, maxGroupsPerOperation } from '../reporting/population.ts';
import { coverageOf } from '../reporting/summarize.ts';
import type { Connection } from './connection.ts';
import type { GraphContext } from './context.ts';
import { connectRows } from './filtered-connection.ts';
import type {
  ProtectionSummaryGroupsArgs,
  UserGroupOrder,
  UserGroupResolvers,
  UserStatus,
} from './generated/resolvers.ts';

/** Window of a summary's groups. Rejects with CallerError, and with LimitError if the groups exceed the limit. */
export function connectGroups(
  { id, groups }: IdentifiedSummaryRecord,
  { by, orderBy, ...window }: ProtectionSummaryGroupsArgs,
  { planner, summaryLoader }: Pick<GraphContext, 'planner' | 'summaryLoader'>,
): Promise<Connection<ShownGroupRecord>> {
  const read = () => {
    const records = groups.get(by);
    if (typeof records === 'string') throw tooManyGroups(records);
    const rows =
      records === undefined
        ? []
        : [...records.indexes.values()].map((index) => new GroupRow(by, records, index));
    return { rows, identityOf: ({ value }: ShownGroupRecord) => groupKeyOf(by, value) };
  };
  const orderName = orderBy ?? 'USER_COUNT_DESC';
  const allGroups = { predicate: null, order: orders[orderName], join: () => [], joined: null, planner };
  const name = { list: ['groups', id, by], orderBy: [orderName] };
  return summaryLoader.inTurn(() => connectRows<ShownGroupRecord, null>(read, name, allGroups, window));
}

function tooManyGroups(dropped: DroppedGroups): LimitError {
  return dropped === 'TOO_MANY'
    ? new LimitError('groups of all kinds in a tenant or a summary', null, maxGroups)
    : new LimitError(
        'groups of all kinds in its tenants and totals, for each filter of users',
        null,
        maxGroupsPerOperation,
      );
}

type GroupOrder = Order<ShownGroupRecord, null>;

const byValue: GroupOrder = [{ valueOf: ({ value }) => value, isDescending: false, needsJoin: false }];

const largestFirst: GroupOrder = [
  { valueOf: ({ userCount }) => userCount, isDescending: true, needsJoin: false },
  ...byValue,
];

const orders: Readonly<Record<UserGroupOrder, GroupOrder>> = {
  USER_COUNT_DESC: largestFirst,
  COVERAGE_ASC: [{ valueOf: coverageOf, isDescending: false, needsJoin: false }, ...largestFirst],
  COVERAGE_DESC: [{ valueOf: coverageOf, isDescending: true, needsJoin: false }, ...largestFirst],
  VALUE_ASC: byValue,
};

export const UserGroup = {
  customer: ({ grouping, value }, _arguments, { loaders }, { path }) =>
    grouping === 'CUSTOMER' && value !== null ? loaders.customer(value, path) : null,
  // The values of groups by status are statuses.
  status: pure(({ grouping, value }) => (grouping === 'STATUS' ? (value as UserStatus | null) : null)),
  coverage: pure(coverageOf),
} satisfies UserGroupResolvers;
