/** Probes an upstream: gets an access token and one page of each collection, to find missing permissions. */
import { fetchDirectoryPage, directoryRoute, firstDirectoryCall } from '../endpoint/directory.ts';
import { nameOf, type PathIds, type Route } from '../endpoint/call.ts';
import {
  fetchPage,
  maxPageSize,
  pageBody,
  pagePath,
  type Collection,
  type Page,
} from '../endpoint/collection.ts';
import { collections, tenantCollections, tenantListNames } from '../endpoint/collections.ts';
import { UpstreamError } from '../errors.ts';
import type { TenantKey } from '../model.ts';
import type { Upstream } from '../planner/operation.ts';
import { createScope, deadlineReached, type Scope } from '../scope.ts';
import { tokenEndpoint } from '../transport/access-token.ts';

/** Result of one check; `unknown` if it could not be tried. */
export interface Finding {
  readonly what: string;
  readonly outcome: 'ok' | 'missing' | 'failed' | 'unknown';
  readonly text: string;
}

type Explain = (error: UpstreamError) => string;

/** Tenants to try, since customers may be outside of the app registration's scope. */
const maxTenants = 3;
/** Key without a tenant, which suffices to see the identity service refuse a permission. */
const noTenant: TenantKey = {
  customerId: '00000000-0000-0000-0000-000000000000',
  tenantId: '00000000-0000-0000-0000-000000000000',
};
const firstPage = { pageIndex: 1, pageSize: maxPageSize, filter: null };

/**
 * @param explain explains a failed call to the operator
 * @param limitMs timeout of each collection of each tenant, which identifies a hanging one
 */
export async function probe(
  upstream: Upstream,
  explain: Explain,
  limitMs: number,
): Promise<readonly Finding[]> {
  const { customers } = collections;
  const rows = await attempt(upstream, limitMs, customers.route, (scope) =>
    read(upstream, customers, {}, scope),
  );
  if (rows instanceof UpstreamError && rows.details.endpoint === tokenEndpoint) {
    return [{ what: tokenName, outcome: 'failed', text: explain(rows) }];
  }
  const token: Finding = { what: tokenName, outcome: 'ok', text: 'The identity service gives one.' };
  const directory = await attempt(upstream, limitMs, directoryRoute, (scope) =>
    fetchDirectoryPage(upstream.transport, firstDirectoryCall, scope),
  );
  const tenants =
    rows instanceof UpstreamError
      ? []
      : rows.content.rows.flatMap(({ tenants: [tenant] }) => (tenant === undefined ? [] : [tenant]));
  const findings = [
    token,
    findingOf(customers.route, rows, explain, countOf),
    findingOf(directoryRoute, directory, explain, ({ entries }) => `${entries.length} customers`),
  ];
  for (const name of tenantListNames) {
    findings.push(
      await probeTenants(upstream, explain, limitMs, tenantCollections[name], tenants.slice(0, maxTenants)),
    );
  }
  return findings;
}

export const tokenName = 'access token';

type Readable<Path extends PathIds, Row> = Pick<Collection<Path, Row>, 'route' | 'decodeRow' | 'filterNames'>;

async function probeTenants(
  upstream: Upstream,
  explain: Explain,
  limitMs: number,
  collection: Readable<TenantKey, unknown>,
  tenants: readonly TenantKey[],
): Promise<Finding> {
  const { route } = collection;
  let last: Finding | null = null;
  for (const { customerId, tenantId } of tenants.length === 0 ? [noTenant] : tenants) {
    const answer = await attempt(upstream, limitMs, route, (scope) =>
      read(upstream, collection, { customerId, tenantId }, scope),
    );
    last = findingOf(route, answer, explain, countOf);
    if (last.outcome === 'ok' && tenants.length > 0) return last;
    const isRefusedAtOnce = answer instanceof UpstreamError && answer.details.notSent === true;
    if (isRefusedAtOnce && last.outcome === 'missing') return last;
  }
  if (last !== null && tenants.length > 0) return last;
  return { what: route.permission, outcome: 'unknown', text: `${nameOf(route)}: no tenant could be read.` };
}

function read<Path extends PathIds, Row>(
  { transport }: Upstream,
  collection: Readable<Path, Row>,
  path: Path,
  scope: Scope,
) {
  const call = { path: pagePath(collection, path, firstPage), body: () => pageBody(collection, firstPage) };
  return fetchPage(transport, collection, path, firstPage, call, scope);
}

/** Tries a call; returns its answer or its error. */
async function attempt<Answer>(
  { retry }: Upstream,
  limitMs: number,
  route: Route,
  send: (scope: Scope) => Promise<Answer>,
): Promise<Answer | UpstreamError> {
  const { scope, end } = createScope(performance.now() + limitMs);
  const limit = setTimeout(end, limitMs, deadlineReached);
  try {
    return await retry(
      nameOf(route),
      () => send(scope),
      scope,
      () => true,
    );
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  } finally {
    clearTimeout(limit);
  }
}

function findingOf<Content>(
  route: Route,
  answer: { readonly content: Content } | UpstreamError,
  explain: Explain,
  describe: (content: Content) => string,
): Finding {
  const what = route.permission;
  if (!(answer instanceof UpstreamError)) {
    return { what, outcome: 'ok', text: `${nameOf(route)}: ${describe(answer.content)}` };
  }
  const isForbidden = answer.code === 'UPSTREAM_FORBIDDEN';
  return {
    what,
    outcome: isForbidden ? 'missing' : 'failed',
    text: `${nameOf(route)}: ${explain(answer)}`,
  };
}

function countOf({ rows, totalCount }: Page<unknown>): string {
  return `${rows.length} rows${totalCount === null ? '' : ` of ${totalCount}`}`;
}
