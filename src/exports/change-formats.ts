/** Formats of comparisons: JSON and NDJSON with all data, CSV with a line per change. */
import { yieldIfDue } from '../scheduler.ts';
import { describeTenant, jsonList, type Cells } from './cells.ts';
import type { Change, ChangeCounts } from './changes.ts';
import type { Comparison, ComparisonEnd, TenantChanges } from './compare.ts';
import { csvHeader, csvLines, csvNotes } from './csv.ts';
import type { EarlierTenant } from './earlier-rows.ts';

interface WrittenTenant extends EarlierTenant, Readonly<ChangeCounts>, Pick<TenantChanges, 'isGone'> {
  readonly changes: readonly Change[];
}

export interface WrittenComparison extends ComparisonEnd {
  readonly tenants: readonly WrittenTenant[];
}

interface ChangesFormat {
  readonly contentType: string;
  /** Serializes the comparison, at most a few hundred changes at a time. */
  readonly write: (comparison: Comparison) => AsyncGenerator<string, void, undefined>;
}

export const changeColumns = [
  'customerId',
  'organization',
  'tenantId',
  'tenant',
  'userId',
  'displayName',
  'userPrincipalName',
  'mail',
  'change',
  'isNew',
  'before',
  'now',
] as const;

type ChangeColumn = (typeof changeColumns)[number];

const json: ChangesFormat = {
  contentType: 'application/json; charset=utf-8',
  async *write(comparison) {
    yield '{"tenants":[';
    let separator = '';
    const { notCompared, ...end } = yield* eachTenant(comparison, async function* (tenant) {
      yield `${separator}${JSON.stringify(headOf(tenant)).slice(0, -1)},"changes":[`;
      separator = ',\n';
      let comma = '';
      for await (const batch of changesIn(tenant)) {
        yield `${comma}${batch.map((change) => JSON.stringify(change)).join(',\n')}`;
        comma = ',\n';
      }
      yield ']}';
    });
    yield '],"notCompared":';
    yield* jsonList(notCompared);
    yield `,${JSON.stringify(end).slice(1)}\n`;
  },
};

const ndjson: ChangesFormat = {
  contentType: 'application/x-ndjson; charset=utf-8',
  async *write(comparison) {
    const { notCompared, ...end } = yield* eachTenant(comparison, async function* (tenant) {
      for await (const batch of changesIn(tenant))
        yield batch.map((change) => `${JSON.stringify(rowOf(tenant, change))}\n`).join('');
    });
    yield '{"end":{"notCompared":';
    yield* jsonList(notCompared);
    yield `,${JSON.stringify(end).slice(1)}}\n`;
  },
};

const csv: ChangesFormat = {
  contentType: 'text/csv; charset=utf-8; header=present',
  async *write(comparison) {
    yield csvHeader(changeColumns);
    const end = yield* eachTenant(comparison, async function* (tenant) {
      for await (const batch of changesIn(tenant))
        yield csvLines(batch.map((change): Cells => Object.values(rowOf(tenant, change))));
    });
    const notes = end.notCompared.map(
      ({ reason, message, ...tenant }) => `Not compared: ${describeTenant(tenant)}: ${reason}: ${message}`,
    );
    yield* csvNotes(changeColumns, notes);
  },
};

/** By file extension. */
export const changesFormats = { json, csv, ndjson } as const;

export type ChangesFormatName = keyof typeof changesFormats;

export const changesFormatNames = Object.keys(changesFormats) as readonly ChangesFormatName[];

async function* eachTenant(
  comparison: Comparison,
  write: (tenant: TenantChanges) => AsyncIterable<string>,
): AsyncGenerator<string, ComparisonEnd, undefined> {
  try {
    for (;;) {
      const next = await comparison.next();
      if (next.done === true) return next.value;
      for (const tenant of next.value) yield* write(tenant);
    }
  } finally {
    await comparison.return(undefined as never);
  }
}

/** Batches of changes. A long list of users may have few of them. */
async function* changesIn({ changes }: TenantChanges): AsyncGenerator<readonly Change[], void, undefined> {
  for (const batch of changes) {
    if (batch.length > 0) yield batch;
    await yieldIfDue();
  }
}

function headOf({
  customerId,
  organization,
  tenantId,
  name,
  ...tenant
}: TenantChanges): Omit<WrittenTenant, 'changes'> {
  const { isGone, counts } = tenant;
  return { customerId, organization, tenantId, name, isGone, ...counts };
}

function rowOf(
  { customerId, organization, tenantId, name }: TenantChanges,
  { userId, displayName, userPrincipalName, mail, change, isNew, before, now }: Change,
): Readonly<Record<ChangeColumn, string | boolean | null>> {
  return {
    customerId,
    organization,
    tenantId,
    tenant: name,
    userId,
    displayName,
    userPrincipalName,
    mail,
    change,
    isNew,
    before,
    now,
  };
}
