/** The only door to the upstream's data. A planner serves one operation; what it reads, `Memory` keeps for the next. */
import { nameOf, pathOf, type PathIds } from '../endpoint/call.ts';
import {
  fetchPage,
  pageBody,
  pagePath,
  reviveRows,
  type Collection,
  type PageRequest,
} from '../endpoint/collection.ts';
import { customers } from '../endpoint/customers.ts';
import { protectionStatuses } from '../endpoint/protection-statuses.ts';
import { users } from '../endpoint/users.ts';
import { UpstreamError } from '../errors.ts';
import { foldName } from '../fold.ts';
import type {
  CustomerRecord,
  DirectoryEntryRecord,
  ProtectionStatusRecord,
  ProtectionSummaryRecord,
  TenantKey,
  UserRecord,
} from '../model.ts';
import type { FieldPath, OperationScope, Scope } from '../scope.ts';
import { SupersededCall } from '../transport/transport.ts';
import type { Pace } from '../scheduler.ts';
import type { ListSource } from './at-hand.ts';
import { catchUp, type Dated } from './fleet.ts';
import { readDirectory } from './directory-reader.ts';
import type { ListAnswer, ListMemory, PageNumber } from './list-memory.ts';
import { ListReader, type RowReader } from './list-reader.ts';
import { tenantName, type AirborneCall, type CredentialMemory, type SharedCollection } from './memory.ts';
import { Operation, type Upstream } from './operation.ts';
import { walkPages } from './page-walk.ts';
import { createRenewal } from './renewal.ts';
import { customerJoin } from './want.ts';

export interface Planner {
  readonly customers: RowReader<CustomerRecord>;
  /** Ids from outside as the upstream spells them if the customer's row is at hand, else folded. */
  readonly spell: <Key extends PathIds>(key: Key) => Key;
  readonly users: (tenant: TenantKey) => RowReader<UserRecord>;
  readonly protectionStatuses: (tenant: TenantKey) => RowReader<ProtectionStatusRecord>;
  /** The lists of a tenant by readers that nobody else holds: what they have read goes with them. */
  readonly apart: (tenant: TenantKey) => TenantReaders;
  /** The pages of a tenant's lists, none of which is kept. See `walkPages`. */
  readonly walk: (tenant: TenantKey, cause: FieldPath) => TenantWalk;
  /** What was worked out of a tenant's whole lists. */
  readonly summaries: TenantSummaries;
  /** Whether it is of use to tell which fields have which demands. */
  readonly isObserved: boolean;
  /** Of long loops over what was read; rejects with UpstreamError when the operation has ended. */
  readonly pace: () => Pace;
  /** Rejects with UpstreamError. */
  readonly directory: (cause: FieldPath) => Promise<readonly DirectoryEntryRecord[]>;
}

export interface TenantReaders {
  readonly users: RowReader<UserRecord>;
  readonly protectionStatuses: RowReader<ProtectionStatusRecord>;
}

export interface TenantWalk {
  readonly users: AsyncGenerator<ListAnswer<UserRecord>, void, undefined>;
  readonly protectionStatuses: AsyncGenerator<ListAnswer<ProtectionStatusRecord>, void, undefined>;
}

export interface TenantSummaries {
  /** Null where memory has none that is fresh. */
  readonly recall: (tenant: TenantKey) => ProtectionSummaryRecord | null;
  /** Keeps the summary of a tenant that could be read, for as long as both its lists are fresh. */
  readonly keep: (tenant: TenantKey, summary: ProtectionSummaryRecord) => void;
}

export function createPlanner(upstream: Upstream, scope: OperationScope): Planner {
  const operation = new Operation(upstream, scope);
  const shared = upstream.memory.of(upstream.credential);
  let ofCustomers: RowReader<CustomerRecord> | null = null;
  let directory: Promise<readonly DirectoryEntryRecord[]> | null = null;
  const usersOf = (tenant: TenantKey) => createReader(operation, users, shared.users, tenant);
  const protectionStatusesOf = (tenant: TenantKey) =>
    createReader(operation, protectionStatuses, shared.protectionStatuses, tenant);
  return {
    isObserved: scope.observer !== null,
    pace: () => operation.pace(),
    spell: (key) => spell(key, shared.customers.list({}).memory),
    get customers() {
      return (ofCustomers ??= createReader(operation, customers, shared.customers, {}));
    },
    users: perTenant(usersOf),
    protectionStatuses: perTenant(protectionStatusesOf),
    apart: (tenant) => ({ users: usersOf(tenant), protectionStatuses: protectionStatusesOf(tenant) }),
    walk: (tenant, cause) => ({
      users: walkPages(createSource(operation, users, shared.users, tenant), cause),
      protectionStatuses: walkPages(
        createSource(operation, protectionStatuses, shared.protectionStatuses, tenant),
        cause,
      ),
    }),
    summaries: {
      recall: (tenant) => recallSummary(operation, shared, tenant),
      keep: (tenant, summary) => {
        upstream.memory.keepSummary(upstream.credential, tenant, summary);
      },
    },
    directory: (cause) => (directory ??= readDirectory(operation, shared.directory, cause)),
  };
}

function createReader<Path extends PathIds, Row>(
  operation: Operation,
  collection: Collection<Path, Row>,
  shared: SharedCollection<Row>,
  path: Path,
): RowReader<Row> {
  return new ListReader(createSource(operation, collection, shared, path));
}

/** One list as an operation reads it. */
function createSource<Path extends PathIds, Row>(
  operation: Operation,
  collection: Collection<Path, Row>,
  shared: SharedCollection<Row>,
  path: Path,
): ListSource<Row> {
  const { lifetime, knowledge } = shared;
  const list = shared.list(path);
  const fleet = operation.scope.keepsRows ? operation.upstream.fleet : null;
  /** By page: what the operation has had of it, so that it does not get the same one again. */
  const had = new Map<string, number>();
  operation.scope.provenance.dependOn(list);
  const sourceOf = (of: Operation, onRecall: ListSource<Row>['onRecall']): ListSource<Row> => ({
    traits: collection,
    knowledge,
    memory: list.memory,
    fetch: (request, causes, { isSettled = never, keys = request.filter?.keys ?? [] } = {}) =>
      fetchList(of, collection, shared, path, { request, causes, keys, isSettled, had }),
    airborne: () =>
      [...list.airborne, ...list.airborneElsewhere].flatMap(({ request, sentAt }) =>
        sentAt >= of.notBefore ? [request] : [],
      ),
    nextSlice: () => of.nextSlice(),
    pace: () => of.pace(),
    isObserved: of.scope.observer !== null,
    touch: ({ key }) => {
      of.upstream.memory.touch(key);
      of.scope.counts.fresh += 1;
    },
    keepAbsences: (names, answer) => {
      list.memory.keepAbsences(names, answer);
      const { fleet } = of.upstream;
      if (fleet === null || !of.scope.keepsRows) return;
      const lifeMs = lifetime.freshMs + lifetime.staleIfErrorMs;
      fleet.tell(list.key, { kind: 'absent', key: answer.key, names }, lifeMs);
    },
    catchUp:
      fleet === null
        ? null
        : () => catchUp(fleet, list, of.upstream.memory, knowledge, revivalOf(collection, path)),
    freshnessOf: (sentAt, kind, occasion) => of.freshnessOf({ sentAt, kind }, lifetime, occasion),
    peekFreshness: (sentAt, kind, occasion) => of.peekFreshness({ sentAt, kind }, lifetime, occasion),
    onRecall,
  });
  const renew = createRenewal(list.renewals, () => sourceOf(operation.inBackground(), () => undefined));
  return sourceOf(operation, (recall) => {
    if ('page' in recall && recall.answer !== null) had.set(nameOfPage(recall.page), recall.answer.sentAt);
    operation.scope.counts[recall.freshness] += 1;
    if (recall.answer !== null) operation.upstream.memory.touch(recall.answer.key);
    if (operation.scope.observer !== null)
      operation.observeRecall(
        {
          endpoint: nameOf(collection.route),
          path: pathOf(collection.route, path),
          ...('page' in recall ? { page: recall.page } : { keys: recall.names }),
          causes: recall.causes,
          isOfAllCustomers: isOfAllCustomers(path),
        },
        recall.freshness,
      );
    if (recall.occasion === 'last-resort' && recall.freshness !== 'fresh') {
      // A whole list that lacks the row is as old as its length, or older.
      const sentAt = recall.answer?.sentAt ?? list.memory.length?.sentAt ?? operation.scope.startedAt;
      operation.useOutdated(nameOf(collection.route), sentAt);
    } else if (recall.freshness === 'stale') renew(recall);
  });
}

function recallSummary(
  operation: Operation,
  { summaries, users: ofUsers, protectionStatuses: ofStatuses }: CredentialMemory,
  tenant: TenantKey,
): ProtectionSummaryRecord | null {
  const kept = summaries.get(tenantName(tenant));
  if (kept === undefined || kept.summary.asOfMs === null) return null;
  operation.scope.provenance.dependOn(kept);
  const age = { sentAt: kept.summary.asOfMs, kind: 'present' } as const;
  const isFresh = [ofUsers.lifetime, ofStatuses.lifetime].every(
    (lifetime) => operation.freshnessOf(age, lifetime, 'usual') === 'fresh',
  );
  if (!isFresh) return null;
  operation.scope.counts.fresh += 1;
  operation.upstream.memory.touchSummary(kept);
  return kept.summary;
}

interface ListCall {
  readonly request: PageRequest;
  readonly causes: readonly FieldPath[];
  /** Those of the filter's keys that this operation looks for. */
  readonly keys: readonly string[];
  readonly isSettled: () => boolean;
  readonly had: Map<string, number>;
}

// An `async` function, so that ids which can't be part of a path reject like a call that failed.
async function fetchList<Path extends PathIds, Row>(
  operation: Operation,
  collection: Collection<Path, Row>,
  { flights, knowledge, lifetime, list: listOf }: SharedCollection<Row>,
  path: Path,
  { request, causes, keys, isSettled, had }: ListCall,
): Promise<ListAnswer<Row>> {
  const { transport, credential, memory } = operation.upstream;
  const { notBefore } = operation;
  const list = listOf(path);
  const endpoint = nameOf(collection.route);
  const { pageIndex, pageSize, filter } = request;
  const pathOfPage = pagePath(collection, path, request);
  const keyOf = (of: PageRequest) =>
    JSON.stringify([credential, endpoint, pathOfPage, pageBody(collection, of)]);
  // A look-up in the air is known by what it was to begin with.
  const airborne =
    filter === null ? undefined : [...list.airborne].find((call) => call.request.filter === filter);
  const key = airborne?.key ?? keyOf(request);
  const description = {
    endpoint,
    path: pathOfPage,
    page: { pageIndex, pageSize },
    ...(filter === null ? {} : { keys }),
    causes,
    isOfAllCustomers: isOfAllCustomers(path),
  };
  let current = request;
  const newerThan = filter === null ? had.get(nameOfPage(request)) : undefined;
  const fetch = async (scope: Scope, sentAt: number): Promise<ListAnswer<Row>> => {
    const waiting = list.waiting.add({ request: current, sentAt, notBefore, isSettled });
    const call: AirborneCall = { key, request: current, sentAt };
    let body: string | null = null;
    const depart = () => {
      current = list.waiting.depart(waiting, knowledge.takesJointLookUps);
      call.request = current;
      return pageBody(collection, current);
    };
    list.airborne.add(call);
    try {
      const page = { path: pathOfPage, body: () => (body ??= depart()), superseded: waiting.superseded };
      const { content, status, bytes } = await fetchPage(transport, collection, path, request, page, scope);
      knowledge.learnAcceptedPageSize(pageSize);
      const answer = { ...content, key: keyOf(current), filter: current.filter, sentAt, status, bytes };
      if (operation.scope.keepsRows) memory.keepList(list, request, answer);
      return answer;
    } catch (error) {
      const isJoint = current.filter?.keys.length !== filter?.keys.length;
      if (!isJoint || !(error instanceof UpstreamError) || error.code !== 'UPSTREAM_REFUSED') throw error;
      knowledge.learnJointRefused();
      throw new SupersededCall();
    } finally {
      list.waiting.remove(waiting);
      list.airborne.delete(call);
    }
  };
  const call = operation.call(flights, key, description, fetch, {
    lifetime,
    ...(newerThan === undefined ? {} : { newerThan }),
    note: () => ({
      list: list.key,
      note: { kind: 'answer', key, request },
    }),
    revive: revivalOf(collection, path),
    onFound: (found) => {
      memory.keepIfNewer(list, request, found);
    },
    isOwn: ({ filter: sent }) => sent === null || areAmong(sent.keys, keys),
  });
  const answer = await call.finally(() => {
    // It is in the air no more, whoever has made it.
    list.airborneElsewhere = list.airborneElsewhere.filter((other) => keyOf(other.request) !== key);
  });
  if (filter === null) had.set(nameOfPage(request), answer.sentAt);
  operation.useAnswer({ sentAt: answer.sentAt, kind: 'present' }, lifetime);
  return answer;
}

/** Makes the rows of another instance's answer, which are JSON. */
function revivalOf<Path extends PathIds, Row>(
  { decodeRow }: Collection<Path, Row>,
  path: Path,
): (found: Dated) => ListAnswer<Row> | null {
  return (found) => {
    const answer = found as ListAnswer<unknown>;
    const rows = reviveRows(answer.rows, (json) => decodeRow(json, path));
    return rows === null ? null : { ...answer, rows };
  };
}

const never = () => false;

/** Whether a list at this path has rows of all customers, of which a viewer may see some only. */
function isOfAllCustomers({ customerId }: PathIds): boolean {
  return customerId === undefined;
}

/** Letter case does not distinguish keys. */
function areAmong(some: readonly string[], all: readonly string[]): boolean {
  const known = new Set(all.map((key) => foldName(key)));
  return some.every((key) => known.has(foldName(key)));
}

function nameOfPage({ pageIndex, pageSize }: PageNumber): string {
  return `${pageIndex} of ${pageSize}`;
}

/** One reader for each tenant, however its ids are spelled, created when it is first asked for. */
export function perTenant<Reader>(create: (tenant: TenantKey) => Reader): (tenant: TenantKey) => Reader {
  const readers = new Map<string, Reader>();
  /** By ids as they were spelled, so that they are folded once each. */
  const spellings = new Map<string, Map<string, Reader>>();
  return ({ customerId, tenantId }) => {
    let spelled = spellings.get(customerId);
    if (spelled === undefined) spellings.set(customerId, (spelled = new Map<string, Reader>()));
    let reader = spelled.get(tenantId);
    if (reader === undefined) {
      const tenant = { customerId, tenantId };
      const name = tenantName(tenant);
      reader = readers.get(name) ?? create(tenant);
      readers.set(name, reader);
      spelled.set(tenantId, reader);
    }
    return reader;
  };
}

function spell<Key extends PathIds>(key: Key, customers: ListMemory<CustomerRecord>): Key {
  const { customerId, tenantId } = key;
  if (customerId === undefined) return key;
  const customer = customers.row(customerJoin.firstNameOf(customerId))?.row;
  const spelled = { ...key, customerId: customer?.customerId ?? foldName(customerId) };
  if (tenantId === undefined) return spelled;
  const folded = foldName(tenantId);
  const tenant = customer?.tenants.find((each) => foldName(each.tenantId) === folded);
  return { ...spelled, tenantId: tenant?.tenantId ?? folded };
}
