/** Formats a report as a table within the terminal's width: names are shortened, numbers never. */
import type { ReportSubscription } from './generated/operations.ts';
import { tenantTitle } from './tenant-title.ts';
import { groupBy, padEnd, plainText, shortenApart, widthOf, wrap } from './text-width.ts';

type Report = ReportSubscription['protectionReport'];
export type ReportedTenant = NonNullable<Report['tenant']>;
export type ReportTotals = NonNullable<Report['totals']>;
type Summary = ReportTotals | ReportedTenant['summary'];

interface NumberColumn {
  readonly heading: string;
  /** For narrow terminals. */
  readonly shortHeading: string;
  readonly cellOf: (summary: Summary) => string;
}

const count = (number: number) => number.toLocaleString('en');

/** Columns in order of importance: a narrow terminal shows the first ones. */
const numberColumns: readonly NumberColumn[] = [
  {
    heading: 'Coverage',
    shortHeading: 'Coverage',
    cellOf: ({ coverage }) => (coverage === null ? '' : `${(coverage * 100).toFixed(1)} %`),
  },
  { heading: 'Users', shortHeading: 'Users', cellOf: ({ userCount }) => count(userCount) },
  {
    heading: 'Protected',
    shortHeading: 'Protected',
    cellOf: ({ protectedCount }) => count(protectedCount),
  },
  {
    heading: 'Partially',
    shortHeading: 'Partly',
    cellOf: ({ partiallyProtectedCount }) => count(partiallyProtectedCount),
  },
  {
    heading: 'Unprotected',
    shortHeading: 'Not',
    cellOf: ({ unprotectedCount }) => count(unprotectedCount),
  },
  {
    heading: 'Not in backup',
    shortHeading: 'No backup',
    cellOf: ({ notInBackupCount }) => count(notInBackupCount),
  },
];

const gap = '  ';
/** Width of both names together below which headings are shortened. */
const roomyNames = 40;
/** Width of both names together below which numbers are left out. */
const minNames = 16;

const incomplete = { mark: '!', text: 'incomplete; what is missing is named below' };
const changed = { mark: '~', text: 'rows may be missing' };

interface TableRow {
  readonly customer: string;
  readonly tenant: string;
  readonly summary: Summary;
}

interface Layout {
  readonly numbers: readonly {
    readonly column: NumberColumn;
    readonly heading: string;
    readonly width: number;
  }[];
  /** Width of both names together. */
  readonly names: number;
}

/** @param tenants in the order of the rows */
export function tableOf(tenants: readonly ReportedTenant[], totals: ReportTotals, columns: number): string {
  const { length } = tenants;
  const rows = tenants.map(({ organization, name, tenantId, summary }) => ({
    customer: plainText(organization),
    tenant: plainText(name ?? tenantId),
    summary,
  }));
  const all = {
    customer: 'All',
    tenant: `${count(length)} ${length === 1 ? 'tenant' : 'tenants'}`,
    summary: totals,
  };
  const named = [{ customer: 'Customer', tenant: 'Tenant' }, ...rows, all];
  const wanted = [widest(named.map((row) => row.customer)), widest(named.map((row) => row.tenant))] as const;
  const marks = [incomplete, changed].filter(({ mark }) =>
    [...rows, all].some(({ summary }) => markOf(summary) === mark),
  );
  const layout = layoutFor([...rows, all], wanted[0] + wanted[1], columns - (marks.length === 0 ? 0 : 2));
  const widths = share(layout.names, wanted);
  const customers = shortenApart(
    named.map((row) => row.customer),
    widths[0],
  );
  // A shortened tenant name need only be unique within its customer.
  const tenantNames = new Map(
    [...groupBy(named, (row) => row.customer)].map(([customer, group]) => [
      customer,
      shortenApart(
        group.map((row) => row.tenant),
        widths[1],
      ),
    ]),
  );
  const lineOf = (customer: string, tenant: string, numbers: readonly string[], mark: string) =>
    [
      padEnd(customers.get(customer) ?? '', widths[0]),
      padEnd(tenantNames.get(customer)?.get(tenant) ?? '', widths[1]),
      ...layout.numbers.map(({ width }, index) => (numbers[index] ?? '').padStart(width)),
    ]
      .join(gap)
      .concat(mark === '' ? '' : ` ${mark}`)
      .trimEnd();
  const rowOf = ({ customer, tenant, summary }: TableRow) =>
    lineOf(
      customer,
      tenant,
      layout.numbers.map(({ column }) => column.cellOf(summary)),
      markOf(summary),
    );
  const heading = lineOf(
    'Customer',
    'Tenant',
    layout.numbers.map((each) => each.heading),
    '',
  );
  const rule = '─'.repeat(widthOf(heading));
  const absent = numberColumns.slice(layout.numbers.length).map((column) => column.heading);
  const notes = [
    ...marks.map(({ mark, text }) => `${mark} ${text}`),
    ...(absent.length === 0 ? [] : [`There is no room for: ${absent.join(', ')}.`]),
    ...totals.missing.map(
      ({ reason, message, ...tenant }) => `Missing: ${tenantTitle(tenant)}: ${reason}: ${plainText(message)}`,
    ),
  ].flatMap((note) => wrap(note, columns));
  return [heading, rule, ...rows.map(rowOf), rule, rowOf(all), ...notes].map((line) => `${line}\n`).join('');
}

/** Chooses long headings if the names have room beside them, else short ones, else fewer numbers. */
function layoutFor(rows: readonly TableRow[], wanted: number, columns: number): Layout {
  const cellWidths = numberColumns.map(({ cellOf }) => widest(rows.map(({ summary }) => cellOf(summary))));
  const layoutOf = (shown: number, isShort: boolean): Layout => {
    const numbers = numberColumns.slice(0, shown).map((column, index) => {
      const heading = isShort ? column.shortHeading : column.heading;
      return { column, heading, width: Math.max(heading.length, cellWidths[index] ?? 0) };
    });
    const taken = numbers.reduce((sum, { width }) => sum + gap.length + width, gap.length);
    return { numbers, names: columns - taken };
  };
  const long = layoutOf(numberColumns.length, false);
  if (long.names >= Math.min(wanted, roomyNames)) return long;
  for (let shown = numberColumns.length; shown > 1; shown--) {
    const short = layoutOf(shown, true);
    if (short.names >= Math.min(wanted, minNames)) return short;
  }
  return layoutOf(1, true);
}

/** Divides the width between two names: half each, plus what the other does not need. */
function share(columns: number, [one, other]: readonly [number, number]): readonly [number, number] {
  const first = Math.max(1, Math.min(one, Math.max(Math.floor(columns / 2), columns - other)));
  return [first, Math.max(1, Math.min(other, columns - first))];
}

function markOf({ isComplete, changedWhileRead }: Summary): string {
  if (!isComplete) return incomplete.mark;
  return changedWhileRead ? changed.mark : '';
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, widthOf(text)), 0);
}
