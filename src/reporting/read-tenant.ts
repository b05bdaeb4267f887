/**
 * Reads a tenant: its summary, which memory may have, or all its rows for a visitor. Lists are walked a page at a time;
 * one that changes while it is read, or whose numbers do not fit, is read as a whole instead.
 */
import pLimit from 'p-limit';
import { UpstreamError } from '../errors.ts';
import type {
  MissingTenantRecord,
  ProtectionStatusRecord,
  ProtectionSummaryRecord,
  TenantKey,
  UserRecord,
} from '../model.ts';
import type { TenantListName } from '../endpoint/collections.ts';
import type { ListAnswer } from '../planner/list-cache.ts';
import { readWhole, type RowReader } from '../planner/list-reader.ts';
import { UnevenListError } from '../planner/page-stream.ts';
import type { Planner } from '../planner/planner.ts';
import type { FieldPath } from '../scope.ts';
import type { Pace } from '../scheduler.ts';
import type { Population } from './population.ts';
import { emptySummary, SummaryBuilder, type Summaries } from './summarize.ts';

/** Tenants that are read at once: enough to keep the upstream busy, and few enough to hold. */
export const tenantsAtOnce = 8;

/** Of larger ones, the names alone are much to hold: one after the other. */
const largeTenant = 20_000;
const largeTenants = pLimit(1);

/**
 * The summaries of populations of a tenant, all of one reading. A tenant that can't be read is missing in what comes;
 * rejects only where the fault is the gateway's own.
 */
export async function readTenant(
  planner: Planner,
  tenant: TenantKey,
  populations: readonly Population[],
  cause: FieldPath,
): Promise<Summaries> {
  try {
    const cached = await cachedSummaries(planner, tenant, populations, cause);
    if (cached !== null) return cached;
    const { visitor, ...visit } = await visitTenant(
      planner,
      tenant,
      cause,
      () => new SummaryBuilder(populations),
    );
    const counted = visitor.summaries;
    const summaries = new Map<string, ProtectionSummaryRecord>();
    for (const population of populations) {
      const summary = { ...(counted.get(population.name) ?? emptySummary), ...visit };
      summaries.set(population.name, summary);
      planner.cacheSummary(tenant, keyOf(population), summary);
    }
    return summaries;
  } catch (error) {
    const missing = { ...emptySummary, missing: [missingTenant(tenant, error)] };
    return new Map(populations.map(({ name }) => [name, missing]));
  }
}

/** Null where one is not cached: then all are counted anew, so that they agree. */
async function cachedSummaries(
  planner: Planner,
  tenant: TenantKey,
  populations: readonly Population[],
  cause: FieldPath,
): Promise<Summaries | null> {
  const summaries = new Map<string, ProtectionSummaryRecord>();
  for (const population of populations) {
    const cached = await planner.cachedSummary(tenant, keyOf(population), cause);
    if (cached === null) return null;
    summaries.set(population.name, cached);
  }
  return summaries;
}

/** Tells what is counted from all else. */
function keyOf({ name, groupings }: Population): string {
  return groupings.size === 0 ? name : [name, ...[...groupings].sort()].join(' ');
}

/** @throws what is no failure of the upstream */
export function missingTenant({ customerId, tenantId }: TenantKey, error: unknown): MissingTenantRecord {
  if (!(error instanceof UpstreamError)) throw error;
  const { code, message, retryable } = error;
  return { customerId, tenantId, code, message, retryable };
}

/**
 * Takes a tenant's rows: by default all its protection rows first, then its users. A list that it has no function for is
 * not read. Rows that moved between pages come again.
 */
export interface TenantVisitor {
  readonly addStatus?: (row: ProtectionStatusRecord) => void;
  readonly addUser?: (user: UserRecord) => void;
  /**
   * Called after each page; reading goes on when it has settled.
   *
   * @param asOfMs when the oldest of what was added so far was asked for
   */
  readonly pageRead?: (asOfMs: number) => Promise<void>;
}

/** What a visitor has taken, and how far it can be relied on. */
export interface TenantVisit<Visitor> {
  readonly visitor: Visitor;
  /** When the oldest of the data was asked for, in milliseconds since the epoch. */
  readonly asOfMs: number;
  /** Whether a list went on changing while it was read. */
  readonly changedWhileRead: boolean;
}

export interface VisitOptions {
  /** Which list is visited first. */
  readonly first?: TenantListName;
  /** The turns of large tenants; by default those of all who count. */
  readonly largeTenantTurns?: ReturnType<typeof pLimit>;
}

/**
 * Shows all rows of a tenant to a visitor, page by page; rejects with the UpstreamError that costs the tenant.
 *
 * @param begin makes the visitor, and another one where the lists have to be read again, as a whole
 */
export async function visitTenant<Visitor extends TenantVisitor>(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
  begin: () => Visitor,
  { first = 'protectionStatuses', largeTenantTurns = largeTenants }: VisitOptions = {},
): Promise<TenantVisit<Visitor>> {
  try {
    return await visitPages(planner, tenant, cause, begin(), { first, largeTenantTurns });
  } catch (error) {
    if (!(error instanceof UnevenListError)) throw error;
    return visitWhole(planner, tenant, cause, begin(), first);
  }
}

/** Both parts, or the one that the visitor has a function for, in the order in which they are visited. */
function inOrder<Part>(first: TenantListName, users: Part | null, statuses: Part | null): readonly Part[] {
  return (first === 'users' ? [users, statuses] : [statuses, users]).filter((part) => part !== null);
}

async function visitPages<Visitor extends TenantVisitor>(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
  visitor: Visitor,
  { first, largeTenantTurns }: Required<VisitOptions>,
): Promise<TenantVisit<Visitor>> {
  const { addUser, addStatus } = visitor;
  const { users, protectionStatuses } = planner.streamTenant(tenant, cause);
  const lists = await Promise.all(
    inOrder(
      first,
      addUser === undefined ? null : openPages(users, addUser),
      addStatus === undefined ? null : openPages(protectionStatuses, addStatus),
    ),
  );
  const size = Math.max(0, ...lists.map(({ totalCount }) => totalCount));
  const visit = async () => {
    let asOfMs = Infinity;
    const endPage = async (sentAt: number) => {
      asOfMs = Math.min(asOfMs, sentAt);
      await visitor.pageRead?.(asOfMs);
    };
    // While the first list is visited, the first pages of the second one come.
    lists[1]?.readAhead();
    for (const list of lists) await list.visit(endPage, planner.pace(rowsPerLook));
    return { visitor, asOfMs, changedWhileRead: false };
  };
  return size > largeTenant ? largeTenantTurns(visit) : visit();
}

interface OpenPages {
  readonly totalCount: number;
  /** Asks for the second page. */
  readonly readAhead: () => void;
  /** @param endPage called after each page, with the time when it was asked for */
  readonly visit: (endPage: (sentAt: number) => Promise<void>, pace: Pace) => Promise<void>;
}

/** Reads the first page. */
async function openPages<Row>(
  pages: AsyncGenerator<ListAnswer<Row>, void, undefined>,
  add: (row: Row) => void,
): Promise<OpenPages> {
  const first = await pages.next();
  let second: ReturnType<typeof pages.next> | null = null;
  return {
    totalCount: first.value?.totalCount ?? 0,
    readAhead: () => {
      second = pages.next();
      second.catch(() => undefined);
    },
    visit: async (endPage, pace) => {
      for (
        let page = first;
        page.done !== true;
        page = page === first && second !== null ? await second : await pages.next()
      ) {
        for (const row of page.value.rows) {
          add(row);
          if (pace.shouldYield) await pace.yield();
        }
        await endPage(page.value.sentAt);
      }
    },
  };
}

/** A row may be asked for by many filters. */
const rowsPerLook = 8;

/** Rows between two calls of `pageRead`, where a list is at hand as a whole. */
const rowsAtOnce = 100;

async function visitWhole<Visitor extends TenantVisitor>(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
  visitor: Visitor,
  first: TenantListName,
): Promise<TenantVisit<Visitor>> {
  const { addUser, addStatus } = visitor;
  const readers = planner.separateReaders(tenant);
  const lists = await Promise.all(
    inOrder(
      first,
      addUser === undefined ? null : openWhole(readers.users, cause, addUser),
      addStatus === undefined ? null : openWhole(readers.protectionStatuses, cause, addStatus),
    ),
  );
  const asOfMs = Math.min(...lists.map(({ sentAt }) => sentAt));
  for (const { visit } of lists)
    await visit(async () => visitor.pageRead?.(asOfMs), planner.pace(rowsPerLook));
  return { visitor, asOfMs, changedWhileRead: lists.some(({ changedWhileRead }) => changedWhileRead) };
}

async function openWhole<Row>(
  reader: Pick<RowReader<Row>, 'window'>,
  cause: FieldPath,
  add: (row: Row) => void,
): Promise<{
  readonly sentAt: number;
  readonly changedWhileRead: boolean;
  readonly visit: (endPage: () => Promise<void>, pace: Pace) => Promise<void>;
}> {
  const { rows, sentAt, changedWhileRead } = await readWhole(reader, cause);
  const visit = async (endPage: () => Promise<void>, pace: Pace) => {
    for (const [index, row] of rows.entries()) {
      add(row);
      if ((index + 1) % rowsAtOnce === 0) await endPage();
      if (pace.shouldYield) await pace.yield();
    }
    await endPage();
  };
  return { sentAt, changedWhileRead, visit };
}
