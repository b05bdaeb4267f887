/**
 * Reads a tenant: its summary, from the cache if possible, or all its rows for a visitor. Lists are streamed page by
 * page; a list that changes during the read is read again as a whole.
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
import { hasNullRows } from '../endpoint/collection.ts';
import { tenantCollections, tenantListNames, type TenantListName } from '../endpoint/collections.ts';
import type { ListAnswer } from '../planner/list-cache.ts';
import { readWhole, type RowReader } from '../planner/list-reader.ts';
import { UnevenListError } from '../planner/page-stream.ts';
import type { Planner, TenantPages } from '../planner/planner.ts';
import type { FieldPath } from '../scope.ts';
import type { Pace } from '../scheduler.ts';
import type { Population } from './population.ts';
import { emptySummary, SummaryBuilder, type Summaries } from './summarize.ts';

/** Concurrent tenants per operation: enough to keep the upstream busy, few enough to limit memory. */
export const tenantsAtOnce = 8;

/** Above this size even the names take much memory, so tenants are read one at a time. */
const largeTenant = 20_000;
const largeTenants = pLimit(1);

/**
 * Summaries of a tenant's populations, consistent with each other. An unreadable tenant is reported in `missing`;
 * rejects only for internal errors.
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
    // Thousands of tenants may be left when an operation ends.
    planner.pace().throwIfEnded();
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

/** Null if one is not cached: all are then counted together, for consistency. */
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

function keyOf({ name, groupings }: Population): string {
  return groupings.size === 0 ? name : [name, ...[...groupings].sort()].join(' ');
}

/** @throws the error if it is not the upstream's */
export function missingTenant({ customerId, tenantId }: TenantKey, error: unknown): MissingTenantRecord {
  if (!(error instanceof UpstreamError)) throw error;
  const { code, message, retryable } = error;
  return { customerId, tenantId, code, message, retryable };
}

/**
 * Receives a tenant's rows: by default all protection rows, then all users. A list without a function is skipped. Each
 * function returns false for a row that it has already received: rows that moved between pages are repeated.
 */
export interface TenantVisitor {
  readonly addStatus?: (row: ProtectionStatusRecord) => boolean;
  readonly addUser?: (user: UserRecord) => boolean;
  /**
   * Called after each page; reading waits for it.
   *
   * @param asOfMs request time of the oldest row so far
   */
  readonly pageRead?: (asOfMs: number) => Promise<void>;
}

/** A visitor that has received all rows, and the age and completeness of the data. */
export interface TenantVisit<Visitor> {
  readonly visitor: Visitor;
  /** Request time of the oldest data, in milliseconds since the epoch. */
  readonly asOfMs: number;
  /** Whether rows may be missing: a list kept changing during the read, or sent fewer rows than it states. */
  readonly changedWhileRead: boolean;
}

export interface VisitOptions {
  readonly first?: TenantListName;
  /** Limit of concurrent large tenants; shared by all summaries by default. */
  readonly largeTenantLimit?: ReturnType<typeof pLimit>;
}

/**
 * Passes all rows of a tenant to a visitor. Rejects with UpstreamError.
 *
 * @param begin creates a visitor, and another one if the lists are read again as a whole
 */
export async function visitTenant<Visitor extends TenantVisitor>(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
  begin: () => Visitor,
  { first = 'protectionStatuses', largeTenantLimit = largeTenants }: VisitOptions = {},
): Promise<TenantVisit<Visitor>> {
  try {
    return await visitPages(planner, tenant, cause, begin(), { first, largeTenantLimit });
  } catch (error) {
    if (!(error instanceof UnevenListError)) throw error;
    return visitWhole(planner, tenant, cause, begin(), first);
  }
}

/** Both parts in the order of the visit, without null parts. */
function inOrder<Part>(first: TenantListName, users: Part | null, statuses: Part | null): readonly Part[] {
  return (first === 'users' ? [users, statuses] : [statuses, users]).filter((part) => part !== null);
}

async function visitPages<Visitor extends TenantVisitor>(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
  visitor: Visitor,
  options: Required<VisitOptions>,
): Promise<TenantVisit<Visitor>> {
  const pages = planner.streamTenant(tenant, cause);
  try {
    return await visitStreams(planner, pages, visitor, options);
  } finally {
    // If one failed, the other one ends too.
    for (const name of tenantListNames) pages[name].return().catch(() => undefined);
  }
}

async function visitStreams<Visitor extends TenantVisitor>(
  planner: Planner,
  { users, protectionStatuses }: TenantPages,
  visitor: Visitor,
  { first, largeTenantLimit }: Required<VisitOptions>,
): Promise<TenantVisit<Visitor>> {
  const { addUser, addStatus } = visitor;
  const lists = await Promise.all(
    inOrder(
      first,
      addUser === undefined ? null : openPages(users, addUser, tenantCollections.users.identityOf),
      addStatus === undefined
        ? null
        : openPages(protectionStatuses, addStatus, tenantCollections.protectionStatuses.identityOf),
    ),
  );
  const size = Math.max(0, ...lists.map(({ totalCount }) => totalCount));
  const visit = async () => {
    let asOfMs = Infinity;
    const endPage = async (sentAt: number) => {
      asOfMs = Math.min(asOfMs, sentAt);
      await visitor.pageRead?.(asOfMs);
    };
    // Fetches the first pages of the second list while the first list is visited.
    lists[1]?.readAhead();
    let changedWhileRead = false;
    for (const list of lists) {
      const { lacksRows } = await list.visit(endPage, planner.pace(rowsPerPaceCheck));
      changedWhileRead ||= lacksRows;
    }
    return { visitor, asOfMs, changedWhileRead };
  };
  return size > largeTenant ? largeTenantLimit(visit) : visit();
}

interface OpenPages {
  readonly totalCount: number;
  readonly readAhead: () => void;
  /** @param endPage called after each page with its request time */
  readonly visit: (
    endPage: (sentAt: number) => Promise<void>,
    pace: Pace,
  ) => Promise<{ readonly lacksRows: boolean }>;
}

async function openPages<Row>(
  pages: AsyncGenerator<ListAnswer<Row>, void, undefined>,
  add: (row: Row) => boolean,
  identityOf: (row: Row) => string,
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
      let lacksRows = false;
      for (
        let page = first;
        page.done !== true;
        page = page === first && second !== null ? await second : await pages.next()
      ) {
        const { rows } = page.value;
        for (const row of rows) {
          // A row of another page has moved, and another one may have moved past both pages.
          if (!add(row) && !lacksRows) lacksRows = isFirst(row, rows, identityOf);
          if (pace.shouldYield) await pace.yield();
        }
        lacksRows ||= hasNullRows(page.value);
        await endPage(page.value.sentAt);
      }
      return { lacksRows };
    },
  };
}

/** Whether no row with the same identity precedes a row of a page. */
function isFirst<Row>(row: Row, rows: readonly Row[], identityOf: (row: Row) => string): boolean {
  const identity = identityOf(row);
  return rows.find((each) => identityOf(each) === identity) === row;
}

/** Many filters may be evaluated for one row. */
const rowsPerPaceCheck = 8;

/** Rows between two calls of `pageRead`, for a list read as a whole. */
const rowsPerBatch = 100;

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
    await visit(async () => visitor.pageRead?.(asOfMs), planner.pace(rowsPerPaceCheck));
  return { visitor, asOfMs, changedWhileRead: lists.some(({ changedWhileRead }) => changedWhileRead) };
}

async function openWhole<Row>(
  reader: Pick<RowReader<Row>, 'window'>,
  cause: FieldPath,
  add: (row: Row) => boolean,
): Promise<{
  readonly sentAt: number;
  readonly changedWhileRead: boolean;
  readonly visit: (endPage: () => Promise<void>, pace: Pace) => Promise<void>;
}> {
  const { rows, sentAt, changedWhileRead } = await readWhole(reader, cause);
  const visit = async (endPage: () => Promise<void>, pace: Pace) => {
    for (const [index, row] of rows.entries()) {
      add(row);
      if ((index + 1) % rowsPerBatch === 0) await endPage();
      if (pace.shouldYield) await pace.yield();
    }
    await endPage();
  };
  return { sentAt, changedWhileRead, visit };
}
