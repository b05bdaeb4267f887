/** A list as a deployment serves it to readers, with all its habits and without HTTP. */
import type { Page, PageRequest } from '../../src/endpoint/collection.ts';
import { UpstreamError } from '../../src/errors.ts';
import type { CacheHit, ListSource } from '../../src/planner/list-source.ts';
import type { Dialect } from '../../src/planner/choose.ts';
import { freshnessOf, type Lifetime } from '../../src/planner/freshness.ts';
import { DeploymentCapabilities } from '../../src/planner/deployment-capabilities.ts';
import { ListCache } from '../../src/planner/list-cache.ts';
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
  /** The largest page it serves. */
  readonly cap: number;
  /** What its metadata says: all there is, all but echoing the page size asked for, or nothing. */
  readonly metadata: 'honest' | 'echo' | 'none';
  /** Which filters it applies; it ignores the others. */
  readonly filters: 'plural' | 'singular' | 'both' | 'none';
  /** Keys of one call that it looks at. */
  readonly keyCap?: number;
  /** Rows that it leaves out of their pages, which are then shorter; `counts` tells whether its length has them. */
  readonly leavesOut?: { readonly ids: ReadonlySet<string>; readonly counts: boolean };
  /** Whether it refuses the filters that it does not apply. */
  readonly isStrict?: boolean;
}

export interface ServedList {
  readonly requests: PageRequest[];
  readonly knowledge: DeploymentCapabilities;
  readonly hits: CacheHit<Row>[];
  /** The times that answers were dated by, beside those of hits. */
  readonly dates: number[];
  /** How many rows were shown. */
  readonly exposed: () => number;
  /** What is served from now on. */
  readonly change: (changes: Partial<Deployment>) => void;
  /** The list as another operation reads it, over the memory of all. */
  readonly createSource: (operation?: ReadingOperation) => ListSource<Row>;
  readonly createReader: (operation?: ReadingOperation) => ListReader<Row>;
}

interface ReadingOperation {
  readonly startedAt?: number;
  readonly maxAgeMs?: number | null;
}

export interface ServedListOptions {
  readonly learned?: Dialect;
  readonly lifetime?: Lifetime;
  readonly clock?: () => number;
  /** Whether what is read stays at hand for the next reader. */
  readonly remembers?: boolean;
  /** Told of each request before it is answered; it may throw. */
  readonly intercept?: (request: PageRequest) => void;
}

export const cause = { prev: undefined, key: 'field' };

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
  const { learned = 'unknown', lifetime = longLived, clock = () => 0, remembers = false } = options;
  let deployment = initial;
  const requests: PageRequest[] = [];
  const hits: CacheHit<Row>[] = [];
  const dates: number[] = [];
  let exposed = 0;
  const memory = new ListCache<Row>(traits);
  const knowledge = knowledgeOf(learned, clock);
  let calls = 0;

  const fetch = async (request: PageRequest) => {
    requests.push(request);
    options.intercept?.(request);
    if (deployment.isStrict === true && isRefused(deployment, request)) {
      throw new UpstreamError('UPSTREAM_REFUSED', 'Refused.', { endpoint: 'POST /rows', status: 400 });
    }
    const page = answer(deployment, request);
    await Promise.resolve();
    calls += 1;
    const kept = {
      ...page,
      filter: request.filter,
      pageIndex: request.pageIndex,
      key: `call ${calls}`,
      sentAt: clock(),
      status: 200,
      bytes: 1,
    };
    const isPage = request.filter === null;
    if (remembers) {
      const place =
        isPage && request.pageSize > 1 ? placeOf(request.pageIndex, request.pageSize, kept) : null;
      memory.keep(kept, place, isPage);
    }
    return kept;
  };
  const createSource = ({
    startedAt = clock(),
    maxAgeMs = null,
  }: ReadingOperation = {}): ListSource<Row> => ({
    traits,
    knowledge,
    memory,
    fetch,
    airborne: () => [],
    nextSlice: () => Promise.resolve(),
    pace: () => new Pace(),
    isObserved: true,
    freshnessOf: (sentAt, kind, occasion) =>
      freshnessOf({ sentAt, kind }, lifetime, { startedAt, maxAgeMs }, occasion),
    use: (hit) => hits.push(hit),
    dateBy: (sentAt) => dates.push(sentAt),
    expose: (rows) => (exposed += rows.length),
    keepAbsences: (names, answer) => {
      memory.keepAbsences(names, answer);
    },
    catchUp: null,
  });
  return {
    requests,
    knowledge,
    hits,
    dates,
    exposed: () => exposed,
    change: (changes) => (deployment = { ...deployment, ...changes }),
    createSource,
    createReader: (operation) => new ListReader<Row>(createSource(operation)),
  };
}

function knowledgeOf(dialect: Dialect, clock: () => number): DeploymentCapabilities {
  const knowledge = new DeploymentCapabilities(true, clock);
  if (dialect === 'plural') knowledge.learnHonoured({ dialect: 'plural', keys: ['a'] }, [0], 1);
  if (dialect === 'singular') knowledge.learnIgnored({ dialect: 'plural', keys: ['a'] });
  if (dialect === 'none') knowledge.learnIgnored({ dialect: 'either', keys: ['a'] });
  return knowledge;
}

function answer({ rows, cap, metadata, leavesOut, ...habits }: Deployment, request: PageRequest): Page<Row> {
  const { pageIndex, filter } = request;
  const pageSize = Math.min(request.pageSize, cap);
  const keys = filter === null ? null : honouredKeys(filter, habits);
  const list = keys === null ? rows : rows.filter(({ id }) => keys.includes(id));
  const isShown = ({ id }: Row) => leavesOut?.ids.has(id) !== true;
  const length = leavesOut?.counts === false ? list.filter(isShown).length : list.length;
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

function isRefused({ filters }: Deployment, { filter }: PageRequest): boolean {
  if (filter === null || filters === 'both') return false;
  return filter.dialect !== filters;
}
