/** A summary's users group by group, as callers see them. */
import { pure } from '../execution/resolver-kinds.ts';
import { CallerError, LimitError } from '../errors.ts';
import type {
  GroupRecord,
  Grouping,
  GroupsRecord,
  ProtectionSummaryRecord,
  ShownGroupRecord,
} from '../model.ts';
import { mostGroups } from '../survey/population.ts';
import { coverageOf } from '../survey/summarize.ts';
import type { UserGroupResolvers, UserStatus } from './generated/resolvers.ts';

const mostShown = 1000;

/**
 * The groups of the most users.
 *
 * @throws CallerError
 * @throws LimitError where nearly every user is a group
 */
export function groupsOf(
  { groups }: ProtectionSummaryRecord,
  grouping: Grouping,
  first: number | null | undefined,
): { readonly totalCount: number; readonly nodes: readonly ShownGroupRecord[] } {
  const count = first ?? 50;
  if (count < 0 || count > mostShown)
    throw new CallerError(`first: expected a number from 0 to ${mostShown}, but got ${count}.`);
  const records: GroupsRecord | undefined = groups.get(grouping);
  if (records === null) throw new LimitError('groups', mostGroups + 1, mostGroups);
  const shown: ShownGroupRecord[] = [];
  for (const group of records?.values() ?? []) shown.push({ ...group, grouping, value: valueOf(group) });
  shown.sort(inOrder);
  return { totalCount: shown.length, nodes: shown.slice(0, count) };
}

/** The spelling that most users have; of several, the first by its characters' codes. */
function valueOf({ spellings }: GroupRecord): string | null {
  let value: string | null = null;
  let most = 0;
  for (const [spelling, users] of spellings) {
    if (users > most || (users === most && value !== null && spelling < value)) value = spelling;
    most = Math.max(most, users);
  }
  return value;
}

function inOrder(left: ShownGroupRecord, right: ShownGroupRecord): number {
  const byUsers = right.userCount - left.userCount;
  if (byUsers !== 0 || left.value === right.value) return byUsers;
  if (left.value === null || right.value === null) return left.value === null ? 1 : -1;
  return left.value < right.value ? -1 : 1;
}

export const UserGroup = {
  customer: ({ grouping, value }, _arguments, { loaders }, { path }) =>
    grouping === 'CUSTOMER' && value !== null ? loaders.customer(value, path) : null,
  // The values of this grouping are statuses.
  status: pure(({ grouping, value }) => (grouping === 'STATUS' ? (value as UserStatus | null) : null)),
  coverage: pure(coverageOf),
} satisfies UserGroupResolvers;
