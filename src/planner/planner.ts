/** The only door to the upstream's data. A planner serves one operation; what it reads, `Memory` keeps for the next. */
import { nameOf, pathOf, type PathIds } from '../endpoint/call.ts';
import { fetchPage, pageBody, pagePath, type Collection, type PageRequest } from '../endpoint/collection.ts';
import { customers } from '../endpoint/customers.ts';
import { protectionStatuses } from '../endpoint/protection-statuses.ts';
import { users } from '../endpoint/users.ts';
import { UpstreamError } from '../errors.ts';
import type {
  CustomerRecord,
  DirectoryEntryRecord,
  ProtectionStatusRecord,
  TenantKey,
  UserRecord,
} from '../model.ts';
import type { CallObserver, FieldPath, OperationScope } from '../scope.ts';
import { SupersededCall } from '../transport/transport.ts';
import type { ListSource, Recall } from './at-hand.ts';
import { readDirectory } from './directory-reader.ts';
import type { ListAnswer } from './list-memory.ts';
import { ListReader } from './list-reader.ts';
import type { AirborneCall, SharedCollection } from './memory.ts';
import { Operation, type Upstream } from './operation.ts';
import { createRenewal } from './renewal.ts';

export interface Planner {
  readonly customers: ListReader<CustomerRecord>;
  readonly users: (tenant: TenantKey) => ListReader<UserRecord>;
  readonly protectionStatuses: (tenant: TenantKey) => ListReader<ProtectionStatusRecord>;
  /** Whether it is of use to tell which fields have which demands. */
  readonly isObserved: boolean;
  /** Rejects with UpstreamError. */
  readonly directory: (cause: FieldPath) => Promise<readonly DirectoryEntryRecord[]>;
}

export function createPlanner(upstream: Upstream, scope: OperationScope): Planner {
  const operation = new Operation(upstream, scope);
  const shared = upstream.memory.of(upstream.credential);
  let ofCustomers: ListReader<CustomerRecord> | null = null;
  let directory: Promise<readonly DirectoryEntryRecord[]> | null = null;
  return {
    isObserved: scope.observer !== null,
    get customers() {
      return (ofCustomers ??= createReader(operation, customers, shared.customers, {}));
    },
    users: perTenant((tenant) => createReader(operation, users, shared.users, tenant)),
    protectionStatuses: perTenant((tenant) =>
      createReader(operation, protectionStatuses, shared.protectionStatuses, tenant),
    ),
    directory: (cause) => (directory ??= readDirectory(operation, shared.directory, cause)),
  };
}

function createReader<Path extends PathIds, Row>(
  operation: Operation,
  collection: Collection<Path, Row>,
  shared: SharedCollection<Row>,
  path: Path,
): ListReader<Row> {
  const { lifetime, knowledge } = shared;
  const list = shared.list(path);
  operation.scope.provenance.dependOn(list);
  const sourceOf = (of: Operation, onRecall: ListSource<Row>['onRecall']): ListSource<Row> => ({
    traits: collection,
    knowledge,
    memory: list.memory,
    fetch: (request, causes, isSettled = never) =>
      fetchList(of, collection, shared, path, { request, causes, isSettled }),
    airborne: () =>
      [...list.airborne].flatMap(({ request, sentAt }) => (sentAt >= of.notBefore ? [request] : [])),
    nextTurn: () => of.nextTurn(),
    isObserved: of.scope.observer !== null,
    touch: ({ key }) => {
      of.upstream.memory.touch(key);
    },
    freshnessOf: (sentAt, kind, occasion) => of.freshnessOf({ sentAt, kind }, lifetime, occasion),
    onRecall,
  });
  const renew = createRenewal(list.renewals, () => sourceOf(operation.inBackground(), () => undefined));
  const { observer } = operation.scope;
  return new ListReader(
    sourceOf(operation, (recall) => {
      if (recall.answer !== null) operation.upstream.memory.touch(recall.answer.key);
      if (observer !== null) observeRecall(observer, collection, path, recall);
      if (recall.occasion === 'last-resort') {
        // A whole list that lacks the row is as old as its length, or older.
        const sentAt = recall.answer?.sentAt ?? list.memory.length?.sentAt ?? operation.scope.startedAt;
        operation.useOutdated(nameOf(collection.route), sentAt);
      } else if (recall.freshness === 'stale') renew(recall);
    }),
  );
}

interface ListCall {
  readonly request: PageRequest;
  readonly causes: readonly FieldPath[];
  readonly isSettled: () => boolean;
}

// An `async` function, so that ids which can't be part of a path reject like a call that failed.
async function fetchList<Path extends PathIds, Row>(
  operation: Operation,
  collection: Collection<Path, Row>,
  { flights, knowledge, list: listOf }: SharedCollection<Row>,
  path: Path,
  { request, causes, isSettled }: ListCall,
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
    ...(filter === null ? {} : { keys: filter.keys }),
    causes,
  };
  let current = request;
  return operation.call(flights, key, description, async (scope, sentAt) => {
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
      const { content, status, bytes } = await fetchPage(transport, collection, path, page, scope);
      const answer = { ...content, key: keyOf(current), filter: current.filter, sentAt, status, bytes };
      memory.keepList(list, request, answer);
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
  });
}

const never = () => false;

function observeRecall<Path extends PathIds, Row>(
  observer: CallObserver,
  { route }: Collection<Path, Row>,
  path: Path,
  recall: Recall<Row>,
): void {
  const now = performance.now();
  observer.observe({
    source: recall.freshness === 'fresh' ? 'cache' : 'stale',
    endpoint: nameOf(route),
    path: pathOf(route, path),
    ...('page' in recall ? { page: recall.page } : { keys: recall.names }),
    startedAt: now,
    endedAt: now,
    status: null,
    bytes: null,
    attempts: 0,
    causes: recall.causes,
  });
}

function perTenant<Reader>(create: (tenant: TenantKey) => Reader): (tenant: TenantKey) => Reader {
  const customers = new Map<string, Map<string, Reader>>();
  return ({ customerId, tenantId }) => {
    let readers = customers.get(customerId);
    if (readers === undefined) customers.set(customerId, (readers = new Map<string, Reader>()));
    let reader = readers.get(tenantId);
    if (reader === undefined) readers.set(tenantId, (reader = create({ customerId, tenantId })));
    return reader;
  };
}
