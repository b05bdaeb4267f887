/** What changed as a table that is no wider than the terminal: tenants in numbers, and below, each user. */
import { padEnd, plainText, shorten, widthOf, wrap } from './text-width.ts';

interface Counts {
  readonly usersNow: number;
  readonly appeared: number;
  readonly gone: number;
  readonly noLongerMatching: number;
  readonly lessProtected: number;
  readonly moreProtected: number;
  readonly blockedButProtected: number;
}

interface Tenant {
  readonly customerId: string;
  readonly organization: string | null;
  readonly tenantId: string;
  readonly name: string | null;
}

interface Change {
  readonly change: string;
  readonly userId: string;
  readonly displayName: string | null;
  readonly userPrincipalName: string | null;
  readonly mail: string | null;
  readonly isNew: boolean | null;
  readonly before: string | null;
  readonly now: string | null;
}

/** As a gateway answers, as far as it is shown. */
export interface Comparison {
  readonly tenants: readonly (Tenant &
    Counts & {
      readonly isGone: boolean;
      readonly changedWhileRead: boolean;
      readonly changes: readonly Change[];
    })[];
  readonly notCompared: readonly (Tenant & { readonly reason: string; readonly message: string })[];
  readonly totals: Counts;
  readonly before: { readonly asOf: string | null };
  readonly isComplete: boolean;
}

const numbers: readonly (readonly [heading: string, count: keyof Counts])[] = [
  ['Users', 'usersNow'],
  ['New', 'appeared'],
  ['Gone', 'gone'],
  ['Left', 'noLongerMatching'],
  ['Less', 'lessProtected'],
  ['More', 'moreProtected'],
  ['Blocked', 'blockedButProtected'],
];

const gap = '  ';
const least = 8;

/** With a line break at its end. */
export function changesTable(comparison: Comparison, columns: number): string {
  const { tenants, notCompared, totals } = comparison;
  const changed = tenants.filter(({ changes, isGone }) => changes.length > 0 || isGone);
  // Only a filter makes users leave the list otherwise.
  const shown = numbers.filter(([, count]) => count !== 'noLongerMatching' || totals[count] > 0);
  const widths = shown.map(([heading, count]) =>
    Math.max(heading.length, ...[...changed, totals].map((each) => numberOf(each[count]).length)),
  );
  const left = columns - widths.reduce((sum, width) => sum + gap.length + width, gap.length + 2);
  const half = Math.max(least, Math.floor(left / 2));
  const lineOf = (customer: string, tenant: string, cells: readonly string[], mark = '') =>
    [
      padEnd(shorten(customer, half), half),
      padEnd(shorten(tenant, half), half),
      ...cells.map((cell, index) => cell.padStart(widths[index] ?? 0)),
    ]
      .join(gap)
      .concat(mark === '' ? '' : ` ${mark}`)
      .trimEnd();
  const cellsOf = (counts: Counts) => shown.map(([, count]) => numberOf(counts[count]));
  const heading = lineOf(
    'Customer',
    'Tenant',
    shown.map(([each]) => each),
  );
  const rule = '─'.repeat(widthOf(heading));
  const isMoving = changed.some(({ changedWhileRead }) => changedWhileRead);
  const lines = [
    ...[heading, rule],
    ...changed.map((tenant) =>
      lineOf(
        plainText(tenant.organization ?? tenant.customerId),
        plainText(tenant.name ?? tenant.tenantId),
        cellsOf(tenant),
        tenant.changedWhileRead ? '~' : tenant.isGone ? '-' : '',
      ),
    ),
    ...[rule, lineOf('All compared', `${numberOf(tenants.length)} tenants`, cellsOf(totals))],
    ...(isMoving ? ['~ changed while it was read; users may be missing'] : []),
    ...(changed.some(({ isGone }) => isGone) ? ['- the tenant is no more'] : []),
    ...changed.flatMap((tenant) => ['', ...usersOf(tenant, columns)]),
    ...(notCompared.length === 0 ? [] : ['']),
    ...notCompared.flatMap(({ reason, message, ...tenant }) =>
      wrap(`Not compared: ${nameOf(tenant)}: ${plainText(reason)}: ${plainText(message)}`, columns),
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function usersOf(tenant: Comparison['tenants'][number], columns: number): readonly string[] {
  return [
    ...wrap(nameOf(tenant), columns),
    ...tenant.changes.flatMap((change) => wrap(inWords(change), columns - 2).map((line) => `  ${line}`)),
  ];
}

function inWords({ change, isNew, before, now, ...user }: Change): string {
  const { userId, displayName, userPrincipalName, mail } = user;
  const address = mail ?? userPrincipalName ?? userId;
  const who = displayName === null ? plainText(address) : `${plainText(displayName)} <${plainText(address)}>`;
  const what = wordOf(change) + (isNew === true ? ' (new)' : '');
  const states = [before, now].filter((state) => state !== null).map(wordOf);
  return `${what}: ${who}: ${[...new Set(states)].join(' → ')}`;
}

function wordOf(name: string): string {
  return plainText(name).toLowerCase().replaceAll('_', ' ');
}

function nameOf({ customerId, organization, tenantId, name }: Tenant): string {
  return `${plainText(name ?? tenantId)} of ${plainText(organization ?? customerId)}`;
}

function numberOf(number: number): string {
  return number.toLocaleString('en');
}
