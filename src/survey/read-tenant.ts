/**
 * Reads a tenant's summary: the one that memory has, or one counted from both its lists. Lists are walked a page at a
 * time; one that changes while it is read, or whose numbers do not fit, is read as a whole instead.
 */
import pLimit from 'p-limit';
import { UpstreamError } from '../errors.ts';
import type { MissingTenantRecord, ProtectionSummaryRecord, TenantKey } from '../model.ts';
import { readWhole } from '../planner/list-reader.ts';
import { UnevenListError } from '../planner/page-stream.ts';
import type { Planner } from '../planner/planner.ts';
import type { FieldPath } from '../scope.ts';
import { Pace } from '../scheduler.ts';
import { emptySummary, TenantCount } from './summarize.ts';

/** Tenants that are read at once: enough to keep the upstream busy, and few enough to hold. */
export const tenantsAtOnce = 8;

/** Of larger ones, the names alone are much to hold: one after the other. */
const largeTenant = 20_000;
const largeTenants = pLimit(1);

/** A tenant that can't be read is missing in what comes; rejects only where the fault is the gateway's own. */
export async function readTenant(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
): Promise<ProtectionSummaryRecord> {
  try {
    const known = await planner.cachedSummary(tenant, cause);
    if (known !== null) return known;
    const summary = await countTenant(planner, tenant, cause);
    planner.cacheSummary(tenant, summary);
    return summary;
  } catch (error) {
    return { ...emptySummary, missing: [missingTenant(tenant, error)] };
  }
}

/** @throws what is no failure of the upstream */
export function missingTenant({ customerId, tenantId }: TenantKey, error: unknown): MissingTenantRecord {
  if (!(error instanceof UpstreamError)) throw error;
  const { code, message, retryable } = error;
  return { customerId, tenantId, code, message, retryable };
}

async function countTenant(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
): Promise<ProtectionSummaryRecord> {
  try {
    return await streamTenant(planner, tenant, cause);
  } catch (error) {
    if (!(error instanceof UnevenListError)) throw error;
    return countWhole(planner, tenant, cause);
  }
}

async function streamTenant(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
): Promise<ProtectionSummaryRecord> {
  const { users, protectionStatuses } = planner.streamTenant(tenant, cause);
  const [firstUsers, firstStatuses] = await Promise.all([users.next(), protectionStatuses.next()]);
  const size = Math.max(firstUsers.value?.totalCount ?? 0, firstStatuses.value?.totalCount ?? 0);
  const count = async () => {
    const counted = new TenantCount();
    const pace = new Pace(1);
    let asOfMs = Infinity;
    // While the rows are counted, the first pages of the users come.
    const nextUsers = users.next();
    nextUsers.catch(() => undefined);
    for (let page = firstStatuses; page.done !== true; page = await protectionStatuses.next()) {
      for (const row of page.value.rows) counted.addStatus(row);
      asOfMs = Math.min(asOfMs, page.value.sentAt);
      if (pace.shouldYield) await pace.yield();
    }
    for (
      let page = firstUsers;
      page.done !== true;
      page = page === firstUsers ? await nextUsers : await users.next()
    ) {
      for (const user of page.value.rows) counted.addUser(user);
      asOfMs = Math.min(asOfMs, page.value.sentAt);
      if (pace.shouldYield) await pace.yield();
    }
    return { ...counted.summary, asOfMs };
  };
  return size > largeTenant ? largeTenants(count) : count();
}

async function countWhole(
  planner: Planner,
  tenant: TenantKey,
  cause: FieldPath,
): Promise<ProtectionSummaryRecord> {
  const { users, protectionStatuses } = planner.separateReaders(tenant);
  const [ofUsers, ofStatuses] = await Promise.all([
    readWhole(users, cause),
    readWhole(protectionStatuses, cause),
  ]);
  const counted = new TenantCount();
  const pace = new Pace();
  for (const row of ofStatuses.rows) {
    counted.addStatus(row);
    if (pace.shouldYield) await pace.yield();
  }
  for (const user of ofUsers.rows) {
    counted.addUser(user);
    if (pace.shouldYield) await pace.yield();
  }
  return {
    ...counted.summary,
    asOfMs: Math.min(ofUsers.sentAt, ofStatuses.sentAt),
    changedWhileRead: ofUsers.changedWhileRead || ofStatuses.changedWhileRead,
  };
}
