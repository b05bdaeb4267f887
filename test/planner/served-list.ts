/** A list as a deployment serves it to readers, without HTTP. */
import type { Page, PageRequest } from '../../src/endpoint/collection.ts';
import { UpstreamError } from '../../src/errors.ts';
import type { CacheHit, ListSource } from '../../src/planner/list-source.ts';
import type { Dialect } from '../../src/planner/choose.ts';
import { freshnessOf, type Lifetime } from '../../src/planner/freshness.ts';
import { DeploymentCapabilities } from '../../src/planner/deployment-capabilities.ts';
import { ListCache, type ListAnswer } from '../../src/planner/list-cache.ts';
import { ListReader } from '../../src/planner/list-reader.ts';
import { placeOf } from '../../src/planner/page-buffer.ts';
import { Pace } from '../../src/scheduler.ts';

export interface Row {
  readonly id: string;
  /** Another name, which several rows may have. */
  readonly mail?: string;
}

export interface Deployment {
  readonly rows: readonly Row[];
  /** Maximum page size. */
  readonly cap: number;
  /** Metadata of its pages: correct, echoing the requested page size, or none. */
  readonly metadata: 'honest' | 'echo' | 'none';
  /** The filters it applies; it ignores others. */
  readonly filters: 'plural' | 'singular' | 'both' | 'none';
  /** Maximum number of keys per call that it tests. */
  readonly keyCap?: number;
  /** Rows omitted from their pages, which are then shorter; `counts` decides whether its length includes them. */
  readonly omits?: { readonly ids: ReadonlySet<string>; readonly counts: boolean };
  /** Whether it rejects filters that it does not apply. */
  readonly isStrict?: boolean;
  /** Keys that it rejects under every name. */
  readonly rejectedKeys?: ReadonlySet<string>;
  readonly rejectsPages?: boolean;
  /** Status of a rejection; 400 by default. */
  readonly rejectionStatus?: number;
}

export interface ServedList {
  readonly requests: PageRequest[];
  readonly capabilities: DeploymentCapabilities;
  readonly hits: CacheHit<Row>[];
  /** Times passed to `dateBy`. */
  readonly dates: number[];
  /** Number of rows shown. */
  readonly exposed: () => number;
  /** Changes the deployment. */
  readonly change: (changes: Partial<Deployment>) => void;
  /** The list as another operation reads it, with the same cache. */
  readonly createSource: (operation?: ReadingOperation) => ListSource<Row>;
  readonly createReader: (operation?: ReadingOperation) => ListReader<Row>;
}

interface ReadingOperation {
  readonly startedAt?: number;
  readonly maxAgeMs?: number | null;
}

export interface ServedListOptions {
  readonly dialect?: Dialect;
  readonly lifetime?: Lifetime;
  readonly clock?: () => number;
  /** Whether answers are cached for later readers. */
  readonly caches?: boolean;
  /** Whether one revision of the collection filters by one key. */
  readonly hasSingular?: boolean;
  /** Duration of a call in ticks, by its number. */
  readonly ticksOf?: (call: number) => number;
  /** Called with each request before it is answered; may throw. */
  readonly intercept?: (request: PageRequest) => void;
}

export const cause = { prev: undefined, key: 'field' };

/** A turn of the event loop, in which searches go on. */
export function tick(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export function rowsUpTo(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({ id: `row-${index}` }));
}

const traits = {
  identityOf: ({ id }: Row) => id,
  filterKeyOf: ({ id }: Row) => id,
  indexKeysOf: ({ id, mail }: Row) => [`id:${id}`, ...(mail === undefined ? [] : [`mail:${mail}`])],
};

const longLived: Lifetime = {
  freshMs: 60_000,
  absentMs: 60_000,
  staleWhileRevalidateMs: 0,
  staleIfErrorMs: 0,
};

export function serveList(initial: Deployment, options: ServedListOptions = {}): ServedList {
  const { dialect = 'unknown', lifetime = longLived, clock = () => 0, caches = false } = options;
  const { hasSingular = true, ticksOf = () => 1 } = options;
  let deployment = initial;
  const requests: PageRequest[] = [];
  const hits: CacheHit<Row>[] = [];
  const dates: number[] = [];
  let exposed = 0;
  const cache = new ListCache<Row>(traits);
  const capabilities = capabilitiesOf(dialect, hasSingular, clock);
  const inFlight = new Map<PageRequest, Promise<ListAnswer<Row>>>();
  let calls = 0;
  let streams = 0;

  const fetch = async (request: PageRequest): Promise<ListAnswer<Row>> => {
    const [joined] = [...inFlight].filter(([{ filter }]) => filter !== null && filter === request.filter);
    if (joined !== undefined) return joined[1];
    const call = send(request);
    inFlight.set(request, call);
    return call.finally(() => inFlight.delete(request));
  };
  const send = async (request: PageRequest): Promise<ListAnswer<Row>> => {
    requests.push(request);
    options.intercept?.(request);
    const page = isRejected(deployment, request) ? null : answer(deployment, request);
    for (let ticks = ticksOf(requests.length); ticks > 0; ticks--) await tick();
    if (page === null) {
      const status = deployment.rejectionStatus ?? 400;
      throw new UpstreamError('UPSTREAM_REFUSED', 'Refused.', { endpoint: 'POST /rows', status });
    }
    calls += 1;
    const answered = {
      ...page,
      filter: request.filter,
      pageIndex: request.pageIndex,
      key: `call ${calls}`,
      sentAt: clock(),
      status: 200,
      bytes: 1,
    };
    const isPage = request.filter === null;
    if (isPage) capabilities.learnAcceptedPageSize(request.pageSize);
    if (caches) {
      const place =
        isPage && request.pageSize > 1 ? placeOf(request.pageIndex, request.pageSize, answered) : null;
      cache.add(answered, place, isPage);
    }
    return answered;
  };
  const createSource = ({
    startedAt = clock(),
    maxAgeMs = null,
  }: ReadingOperation = {}): ListSource<Row> => ({
    traits,
    capabilities,
    cache,
    fetch,
    get isStreaming() {
      return streams > 0;
    },
    beginStream: () => {
      streams += 1;
      return () => (streams -= 1);
    },
    requestsInFlight: () => [...inFlight.keys()],
    nextSlice: () => Promise.resolve(),
    pace: () => new Pace(),
    isObserved: true,
    freshnessOf: (sentAt, kind, readMode) =>
      freshnessOf({ sentAt, kind }, lifetime, { startedAt, maxAgeMs }, readMode),
    use: (hit) => hits.push(hit),
    dateBy: (sentAt) => dates.push(sentAt),
    expose: (rows) => (exposed += rows.length),
    cacheAbsences: (names, answer) => {
      cache.addAbsences(names, answer);
    },
    syncFromPeers: null,
  });
  return {
    requests,
    capabilities,
    hits,
    dates,
    exposed: () => exposed,
    change: (changes) => (deployment = { ...deployment, ...changes }),
    createSource,
    createReader: (operation) => new ListReader<Row>(createSource(operation)),
  };
}

function capabilitiesOf(dialect: Dialect, hasSingular: boolean, clock: () => number): DeploymentCapabilities {
  const capabilities = new DeploymentCapabilities(hasSingular, clock);
  if (dialect === 'plural') capabilities.learnHonoured({ dialect: 'plural', keys: ['a'] }, [0], 1);
  if (dialect === 'singular') capabilities.learnIgnored({ dialect: 'plural', keys: ['a'] });
  if (dialect === 'none') capabilities.learnIgnored({ dialect: 'either', keys: ['a'] });
  return capabilities;
}

function answer({ rows, cap, metadata, omits, ...habits }: Deployment, request: PageRequest): Page<Row> {
  const { pageIndex, filter } = request;
  const pageSize = Math.min(request.pageSize, cap);
  const keys = filter === null ? null : honouredKeys(filter, habits);
  const list = keys === null ? rows : rows.filter(({ id }) => keys.includes(id));
  const isShown = ({ id }: Row) => omits?.ids.has(id) !== true;
  const length = omits?.counts === false ? list.filter(isShown).length : list.length;
  return {
    rows: list.slice((pageIndex - 1) * pageSize, pageIndex * pageSize).filter(isShown),
    totalCount: metadata === 'none' ? null : length,
    pageSize: metadata === 'none' ? null : metadata === 'echo' ? request.pageSize : pageSize,
  };
}

function honouredKeys(
  { dialect, keys }: NonNullable<PageRequest['filter']>,
  { filters, keyCap = Infinity }: Pick<Deployment, 'filters' | 'keyCap'>,
): readonly string[] | null {
  const isPlural = dialect !== 'singular' && (filters === 'plural' || filters === 'both');
  if (isPlural) return keys.slice(0, keyCap);
  const isSingular = dialect !== 'plural' && (filters === 'singular' || filters === 'both');
  return isSingular ? keys.slice(0, 1) : null;
}

function isRejected(
  {
    filters,
    isStrict = false,
    rejectedKeys = new Set(),
    rejectsPages = false,
  }: Pick<Deployment, 'filters' | 'isStrict' | 'rejectedKeys' | 'rejectsPages'>,
  { filter }: PageRequest,
): boolean {
  if (filter === null) return rejectsPages;
  if (filter.keys.some((key) => rejectedKeys.has(key))) return true;
  return isStrict && filters !== 'both' && filter.dialect !== filters;
}
