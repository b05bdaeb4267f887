/** Formats a comparison as a table within the terminal's width: counts by tenant, then the changes of each user. */
import type { WrittenComparison } from '../exports/change-formats.ts';
import type { Change, ChangeCounts } from '../exports/changes.ts';
import type { EarlierTenant } from '../exports/earlier-rows.ts';
import { tenantTitle } from './tenant-title.ts';
import { padEnd, plainText, shorten, widthOf, wrap } from './text-width.ts';

const numbers: readonly (readonly [heading: string, count: keyof ChangeCounts])[] = [
  ['Users', 'usersNow'],
  ['New', 'appeared'],
  ['Gone', 'gone'],
  ['Left', 'noLongerMatching'],
  ['Less', 'lessProtected'],
  ['More', 'moreProtected'],
  ['Blocked', 'blockedButProtected'],
];

const gap = '  ';
const minNameWidth = 8;

/** Formats the table, with a line break at its end. */
export function changesTable(comparison: WrittenComparison, columns: number): string {
  const { tenants, notCompared, totals } = comparison;
  const changed = tenants
    .filter(({ changes, isGone }) => isGone || !changes.every(isStanding))
    .sort((left, right) => collator.compare(sortKeyOf(left), sortKeyOf(right)));
  // Only users of a filtered export can stop matching.
  const shown = numbers.filter(([, count]) => count !== 'noLongerMatching' || totals[count] > 0);
  // No number of a tenant is larger than the total.
  const widths = shown.map(([heading, count]) => Math.max(heading.length, numberOf(totals[count]).length));
  const left = columns - widths.reduce((sum, width) => sum + gap.length + width, gap.length + 2);
  const half = Math.max(minNameWidth, Math.floor(left / 2));
  const lineOf = (customer: string, tenant: string, cells: readonly string[], mark = '') =>
    [
      padEnd(shorten(customer, half), half),
      padEnd(shorten(tenant, half), half),
      ...cells.map((cell, index) => cell.padStart(widths[index] ?? 0)),
    ]
      .join(gap)
      .concat(mark === '' ? '' : ` ${mark}`)
      .trimEnd();
  const cellsOf = (counts: ChangeCounts) => shown.map(([, count]) => numberOf(counts[count]));
  const heading = lineOf(
    'Customer',
    'Tenant',
    shown.map(([each]) => each),
  );
  const rule = '─'.repeat(widthOf(heading));
  const lines = [
    ...[heading, rule],
    ...changed.map((tenant) =>
      lineOf(
        plainText(tenant.organization ?? tenant.customerId),
        plainText(tenant.name ?? tenant.tenantId),
        cellsOf(tenant),
        tenant.isGone ? '-' : '',
      ),
    ),
    ...[rule, lineOf('All compared', `${numberOf(tenants.length)} tenants`, cellsOf(totals))],
    ...(changed.some(({ isGone }) => isGone) ? ['- the tenant no longer exists'] : []),
    ...changed.flatMap((tenant) => ['', ...usersOf(tenant, columns)]),
    ...(notCompared.length === 0 ? [] : ['']),
    ...notCompared.flatMap(({ reason, message, ...tenant }) =>
      wrap(`Not compared: ${tenantTitle(tenant)}: ${plainText(reason)}: ${plainText(message)}`, columns),
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether the change is as old as the earlier export: such changes are counted, not listed. */
function isStanding({ isNew }: Change): boolean {
  return isNew === false;
}

const collator = new Intl.Collator('en', { numeric: true });

/** Returns the sort key of a tenant: its names as the table shows them, then its ids. */
function sortKeyOf({ customerId, organization, tenantId, name }: EarlierTenant): string {
  return [organization ?? customerId, name ?? tenantId, customerId, tenantId].join('\n');
}

function usersOf(tenant: WrittenComparison['tenants'][number], columns: number): readonly string[] {
  const standing = tenant.changes.filter(isStanding).length;
  const lines = [
    ...tenant.changes.filter((change) => !isStanding(change)).map(inWords),
    ...(standing === 0 ? [] : [`blocked but protected as before: ${numberOf(standing)}`]),
  ];
  return [
    ...wrap(tenantTitle(tenant), columns),
    ...lines.flatMap((each) => wrap(each, columns - 2).map((line) => `  ${line}`)),
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

function numberOf(number: number): string {
  return number.toLocaleString('en');
}
