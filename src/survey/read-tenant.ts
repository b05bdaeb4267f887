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
import { readWhole } from '../planner/list-reader.ts';
import { UnevenListError } from '../planner/page-stream.ts';
import type { Planner } from '../planner/planner.ts';
import type { FieldPath } from '../scope.ts';
import { Pace } from '../scheduler.ts';
import type { Population } from './population.ts';
import { emptySummary, TenantCount, type Summaries } from './summarize.ts';

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
      () => new TenantCount(populations),
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

/** Takes a tenant's rows: all its protection rows first, then its users. Rows that moved between pages come again. */
export interface TenantVisitor {
  readonly addStatus: (row: ProtectionStatusRecord) => void;
  readonly addUser: (user: UserRecord) => void;
  /** Called after each page; reading goes on when it has settled. */
  readonly pageRead?: () => Promise<void>;
}

/** What a visitor has taken, and how far it can be relied on. */
export interface TenantVisit<Visitor> {
  readonly visitor: Visitor;
  /** When the oldest of the data was asked for, in milliseconds since the epoch. */
  readonly asOfMs: number;
  /** Whether a list went on changing while it was read. */
  readonly changedWhileRead: boolean;
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
): Promise<TenantVisit<Visitor>> {
  try {
    return await visitPages(planner, tenant, cause, begin());
  } catch (error) {
    if (!(error instanceof UnevenListError)) throw error;
    return visitWhole(planner, tenant, cause, begin());
  }
}

async function visitPages<Visitor extends TenantVisitor>(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
  visitor: Visitor,
): Promise<TenantVisit<Visitor>> {
  const { users, protectionStatuses } = planner.streamTenant(tenant, cause);
  const [firstUsers, firstStatuses] = await Promise.all([users.next(), protectionStatuses.next()]);
  const size = Math.max(firstUsers.value?.totalCount ?? 0, firstStatuses.value?.totalCount ?? 0);
  const visit = async () => {
    const pace = new Pace(1);
    let asOfMs = Infinity;
    const endPage = async ({ sentAt }: { readonly sentAt: number }) => {
      asOfMs = Math.min(asOfMs, sentAt);
      await visitor.pageRead?.();
      if (pace.shouldYield) await pace.yield();
    };
    // While the protection rows are visited, the first pages of the users come.
    const nextUsers = users.next();
    nextUsers.catch(() => undefined);
    for (let page = firstStatuses; page.done !== true; page = await protectionStatuses.next()) {
      for (const row of page.value.rows) visitor.addStatus(row);
      await endPage(page.value);
    }
    for (
      let page = firstUsers;
      page.done !== true;
      page = page === firstUsers ? await nextUsers : await users.next()
    ) {
      for (const user of page.value.rows) visitor.addUser(user);
      await endPage(page.value);
    }
    return { visitor, asOfMs, changedWhileRead: false };
  };
  return size > largeTenant ? largeTenants(visit) : visit();
}

/** Rows between two calls of `pageRead`, where a list is at hand as a whole. */
const rowsAtOnce = 100;

async function visitWhole<Visitor extends TenantVisitor>(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
  visitor: Visitor,
): Promise<TenantVisit<Visitor>> {
  const readers = planner.separateReaders(tenant);
  const [users, statuses] = await Promise.all([
    readWhole(readers.users, cause),
    readWhole(readers.protectionStatuses, cause),
  ]);
  const pace = new Pace();
  const visitAll = async <Row>(rows: readonly Row[], visit: (row: Row) => void) => {
    for (const [index, row] of rows.entries()) {
      visit(row);
      if ((index + 1) % rowsAtOnce === 0) await visitor.pageRead?.();
      if (pace.shouldYield) await pace.yield();
    }
    await visitor.pageRead?.();
  };
  await visitAll(statuses.rows, visitor.addStatus);
  await visitAll(users.rows, visitor.addUser);
  return {
    visitor,
    asOfMs: Math.min(users.sentAt, statuses.sentAt),
    changedWhileRead: users.changedWhileRead || statuses.changedWhileRead,
  };
}
