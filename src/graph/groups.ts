/** Groups of a summary's users as a connection. */
import { LimitError } from '../errors.ts';
import { pure } from '../execution/resolver-kinds.ts';
import type { GroupRecord, IdentifiedSummaryRecord, ShownGroupRecord } from '../model.ts';
import type { Order } from '../list-query/order.ts';
import { groupKeyOf, maxGroups } from '../reporting/population.ts';
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
  { planner }: Pick<GraphContext, 'planner'>,
): Promise<Connection<ShownGroupRecord>> {
  const read = () => {
    const records = groups.get(by);
    if (records === null)
      throw new LimitError('groups of all kinds in a tenant or a summary', null, maxGroups);
    const rows: ShownGroupRecord[] = [];
    for (const group of records?.values() ?? []) rows.push({ ...group, grouping: by, value: valueOf(group) });
    return { rows, identityOf: ({ value }: ShownGroupRecord) => groupKeyOf(by, value) };
  };
  const orderName = orderBy ?? 'USER_COUNT_DESC';
  const allGroups = { predicate: null, order: orders[orderName], join: () => [], joined: null, planner };
  const name = { list: ['groups', id, by], orderBy: [orderName] };
  return connectRows<ShownGroupRecord, null>(read, name, allGroups, window);
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

/** Most frequent spelling; the first by UTF-16 code units of several. */
function valueOf({ spellings }: GroupRecord): string | null {
  let value: string | null = null;
  let most = 0;
  for (const [spelling, users] of spellings) {
    if (users > most || (users === most && value !== null && spelling < value)) value = spelling;
    most = Math.max(most, users);
  }
  return value;
}

export const UserGroup = {
  customer: ({ grouping, value }, _arguments, { loaders }, { path }) =>
    grouping === 'CUSTOMER' && value !== null ? loaders.customer(value, path) : null,
  // Groups by status have statuses as values.
  status: pure(({ grouping, value }) => (grouping === 'STATUS' ? (value as UserStatus | null) : null)),
  coverage: pure(coverageOf),
} satisfies UserGroupResolvers;
