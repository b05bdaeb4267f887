/** The users that the URL names: who counts, and whom a list shows, by default all that are not fully protected. */
import type { UserFilter } from './generated/operations.ts';
import { isKeyOf, moduleNames, stateNames } from './names.ts';

export const whoOptions = [
  { value: '', label: 'All users' },
  { value: 'active', label: 'Active users' },
];
export const showOptions = [
  { value: '', label: 'Not fully protected' },
  ...optionsOf(stateNames),
  { value: 'all', label: 'Everyone' },
];
export const moduleOptions = [{ value: '', label: 'Any module' }, ...optionsOf(moduleNames)];

/** As docs/filters.md has it. */
const active: UserFilter = {
  status: { none: ['SIGN_IN_BLOCKED', 'INACTIVE', 'PENDING_DELETION', 'TEST_USER'] },
};

/** Null: all users count. */
export function countedUsersOf(params: URLSearchParams): UserFilter | null {
  return params.get('who') === 'active' ? active : null;
}

export function userFilterOf(params: URLSearchParams): UserFilter {
  const show = params.get('show');
  const module = params.get('module');
  return {
    ...countedUsersOf(params),
    search: params.get('search') ?? '',
    protection: {
      ...(isKeyOf(stateNames, show) ? { state: show } : show === 'all' ? {} : { isProtected: false }),
      ...(isKeyOf(moduleNames, module) ? { module, isProtected: false } : {}),
    },
  };
}

/** Where the users of a filter come from as a file, all of them. */
export function exportUrlOf(customerId: string, filter: UserFilter): string {
  const customers = JSON.stringify({ customerIds: [customerId] });
  return `/export/users.csv?${new URLSearchParams({ customers, filter: JSON.stringify(filter) }).toString()}`;
}

function optionsOf(names: Readonly<Record<string, string>>) {
  return Object.entries(names).map(([value, label]) => ({ value, label }));
}
