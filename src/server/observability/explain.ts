/**
 * `extensions.upstream`: the source of each row of a result, for requests with `x-explain: true`. It reveals nothing
 * about other operations, or the length of lists that the caller sees only in part.
 */
import {
  maxCauses,
  type AnswerSource,
  type CallEvent,
  type CallObserver,
  type FieldPath,
} from '../../scope.ts';

export interface Explanation {
  /** Calls that this operation made itself, retries included. */
  readonly calls: number;
  /** Length of the longest chain of calls that may have waited for each other, shared ones included. */
  readonly roundTrips: number;
  /** Fresh pages and rows from the cache. */
  readonly cacheHits: number;
  /** Calls that another operation had in flight. */
  readonly sharedFlights: number;
  /** Stale pages and rows from the cache. */
  readonly staleAnswers: number;
  readonly requests: readonly ExplainedRequest[];
  /** Calls, pages and rows beyond the limit of `requests`; counted above. */
  readonly unlisted: number;
}

export interface ExplainedRequest
  extends
    Pick<CallEvent, 'endpoint' | 'path' | 'keys' | 'status' | 'bytes' | 'attempts'>,
    Partial<NonNullable<CallEvent['page']>> {
  readonly source: Uppercase<AnswerSource>;
  /** Milliseconds since the operation's start. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Paths of the fields that needed it; if they are many, `*` replaces each list index. */
  readonly fields: readonly string[];
}

const maxFieldsInFull = 20;
const maxEvents = 1000;
/** Keys listed for one request. */
const maxKeys = 1000;

export class ExplainingObserver implements CallObserver {
  readonly #startedAt = performance.now();
  readonly #events: CallEvent[] = [];
  /** Counts of unlisted events. */
  readonly #counts = { calls: 0, shared: 0, cache: 0, stale: 0 };

  observe(event: CallEvent): void {
    const { source, attempts } = event;
    if (this.#events.length < maxEvents) this.#events.push(event);
    else if (isPartOfList(event)) return;
    else if (source === 'call') this.#counts.calls += attempts;
    else this.#counts[source] += countOf(event);
  }

  explain(): Explanation {
    const inOrder = mergeParts(this.#events.toSorted((left, right) => left.startedAt - right.startedAt));
    const count = (source: AnswerSource) =>
      inOrder.reduce((sum, event) => (event.source === source ? sum + countOf(event) : sum), 0);
    const { calls, shared, cache, stale } = this.#counts;
    return {
      calls: inOrder.reduce((sum, { attempts }) => sum + attempts, calls),
      roundTrips: roundTripsOf(inOrder),
      cacheHits: count('cache') + cache,
      sharedFlights: count('shared') + shared,
      staleAnswers: count('stale') + stale,
      requests: mergeCachedRows(inOrder).map((event) => this.#show(event)),
      unlisted: calls + shared + cache + stale,
    };
  }

  #show({ source, endpoint, path, page, keys, startedAt, endedAt, causes, ...rest }: CallEvent) {
    const { status, bytes, attempts } = rest;
    return {
      source: source.toUpperCase() as Uppercase<AnswerSource>,
      endpoint,
      path,
      ...page,
      ...(keys === undefined ? {} : { keys: keys.slice(0, maxKeys) }),
      startMs: round(startedAt - this.#startedAt),
      durationMs: round(endedAt - startedAt),
      status,
      bytes,
      attempts,
      fields: fieldsOf(causes),
    };
  }
}

/**
 * Returns the length of the longest chain of calls. A call may have waited for one that ended before it started, if
 * both read the same list, or if a field that needed the earlier call is an ancestor of one that needed the later.
 */
function roundTripsOf(events: readonly CallEvent[]): number {
  const calls = events.filter(({ source }) => source === 'call' || source === 'shared');
  const byEnd = calls.toSorted((left, right) => left.endedAt - right.endedAt);
  const lengths = new Map<CallEvent, number>();
  /** Length of the longest chain that has ended, by link to later calls. */
  const ended = new Map<string, number>();
  let roundTrips = 0;
  let next = 0;
  for (const event of calls) {
    for (
      let last = byEnd[next];
      last !== undefined && last.endedAt <= event.startedAt;
      last = byEnd[++next]
    ) {
      const length = lengths.get(last);
      if (length === undefined) break;
      for (const link of linksOf(last, 'field', 'above'))
        ended.set(link, Math.max(length, ended.get(link) ?? 0));
    }
    let length = 1;
    for (const link of linksOf(event, 'above', 'field'))
      length = Math.max(length, 1 + (ended.get(link) ?? 0));
    lengths.set(event, length);
    roundTrips = Math.max(roundTrips, length);
  }
  return roundTrips;
}

/** Returns the links of a call: its list, the fields that needed it, and their ancestors, each prefixed by its kind. */
function linksOf(event: CallEvent, fieldKind: string, ancestorKind: string): ReadonlySet<string> {
  const links = new Set([`list ${event.path.replace(/\?.*/s, '')}`]);
  for (const cause of event.causes.slice(0, maxCauses)) {
    links.add(`${fieldKind} ${textOf(cause, String)}`);
    for (let at = cause.prev; at !== undefined; at = at.prev) {
      if (typeof at.key === 'string') links.add(`${ancestorKind} ${textOf(at, String)}`);
    }
  }
  return links;
}

/** Merges the pages of each list that the caller sees only in part: their number would reveal its length. */
function mergeParts(events: readonly CallEvent[]): CallEvent[] {
  const merged = new Map<string, CallEvent>();
  for (const [position, event] of events.entries()) {
    const name = isPartOfList(event) ? `${event.source} ${event.path}` : String(position);
    const known = merged.get(name);
    merged.set(name, known === undefined ? event : mergeEvents(known, event));
  }
  return [...merged.values()];
}

function isPartOfList({ keys, isPartlySeen }: CallEvent): boolean {
  return isPartlySeen && keys === undefined;
}

function mergeEvents(left: CallEvent, right: CallEvent): CallEvent {
  return {
    ...left,
    startedAt: Math.min(left.startedAt, right.startedAt),
    endedAt: Math.max(left.endedAt, right.endedAt),
    status: Math.max(left.status ?? 0, right.status ?? 0) || null,
    attempts: Math.max(left.attempts, right.attempts),
    causes: [...left.causes, ...right.causes],
  };
}

/** Counts a page or a call as one, and rows from the cache one by one. */
function countOf({ source, page, keys }: CallEvent): number {
  const areRows = (source === 'cache' || source === 'stale') && page === undefined && keys !== undefined;
  return areRows ? keys.length : 1;
}

/** Merges cached rows of one list into one entry with all keys. */
function mergeCachedRows(events: readonly CallEvent[]): CallEvent[] {
  const lists = new Map<string, { keys: string[]; causes: FieldPath[] }>();
  return events.flatMap((event) => {
    const { source, path, page, keys, causes } = event;
    const isCached = source === 'cache' || source === 'stale';
    if (!isCached || page !== undefined || keys === undefined) return [event];
    const list = lists.get(`${source} ${path}`);
    if (list === undefined) {
      const first = { ...event, keys: [...keys], causes: [...causes] };
      lists.set(`${source} ${path}`, first);
      return [first];
    }
    for (const key of keys) list.keys.push(key);
    for (const cause of causes) list.causes.push(cause);
    return [];
  });
}

function fieldsOf(causes: readonly FieldPath[]): string[] {
  const some = causes.slice(0, maxCauses);
  const inFull = [...new Set(some.map((cause) => textOf(cause, String)))];
  if (inFull.length <= maxFieldsInFull) return inFull;
  return [...new Set(some.map((cause) => textOf(cause, () => '*')))];
}

function textOf(path: FieldPath, position: (index: number) => string): string {
  const keys: string[] = [];
  for (let at: FieldPath | undefined = path; at !== undefined; at = at.prev) {
    keys.unshift(typeof at.key === 'number' ? position(at.key) : at.key);
  }
  return keys.join('.');
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
