/**
 * `extensions.upstream`: the source of each row of an answer, for a caller that asks with `x-explain: true`. It holds what
 * the operation itself asked for, and nothing of other operations or of lists that its caller sees a part of only.
 */
import type { AnswerSource, CallEvent, CallObserver, FieldPath } from '../../scope.ts';

export interface Explanation {
  /** Calls that this operation made itself, repetitions included. */
  readonly calls: number;
  /** The longest chain of calls that may have waited for each other, shared ones included. */
  readonly roundTrips: number;
  /** Pages and rows from memory that were fresh. */
  readonly cacheHits: number;
  /** Calls that another operation had in the air. */
  readonly sharedFlights: number;
  /** Pages and rows from memory beyond their time to live. */
  readonly staleAnswers: number;
  readonly requests: readonly ExplainedRequest[];
  /** Calls, pages and rows that are counted above and not listed, since there are so many. */
  readonly unlisted: number;
}

export interface ExplainedRequest {
  readonly source: Uppercase<AnswerSource>;
  readonly endpoint: string;
  readonly path: string;
  /** Absent, as `pageSize`, if the caller sees a part of the list only: all pages of it are then one entry. */
  readonly pageIndex?: number;
  readonly pageSize?: number;
  /** What the operation looked up: its own of the filter's keys, or the names of rows that memory had. */
  readonly keys?: readonly string[];
  /** Since the operation began, in milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly status: number | null;
  /** Null if the answer held more than the operation asked for. */
  readonly bytes: number | null;
  /** How often it was called: more than once if it failed for a transient reason. */
  readonly attempts: number;
  /** The fields that needed it; where they are many, `*` stands for a position in a list. */
  readonly fields: readonly string[];
}

const maxFieldsInFull = 20;
/** What is listed: events, keys of one request, and fields that are looked at for one event. */
const maxEvents = 1000;
const maxKeys = 1000;
const maxCauses = 50;

/** Collects what happens while one operation runs. */
export class ExplainingObserver implements CallObserver {
  readonly #startedAt = performance.now();
  readonly #events: CallEvent[] = [];
  /** Of those that are not listed. */
  readonly #counts = { calls: 0, shared: 0, cache: 0, stale: 0 };

  observe(event: CallEvent): void {
    const { source, attempts } = event;
    if (this.#events.length < maxEvents) this.#events.push(event);
    else if (isPartOfList(event)) return;
    else if (source === 'call') this.#counts.calls += attempts;
    else this.#counts[source] += 1;
  }

  explain(): Explanation {
    const inOrder = mergeParts(this.#events.toSorted((left, right) => left.startedAt - right.startedAt));
    const count = (source: AnswerSource) => inOrder.filter((event) => event.source === source).length;
    const { calls, shared, cache, stale } = this.#counts;
    return {
      calls: inOrder.reduce((sum, { attempts }) => sum + attempts, calls),
      roundTrips: roundTripsOf(inOrder),
      cacheHits: count('cache') + cache,
      sharedFlights: count('shared') + shared,
      staleAnswers: count('stale') + stale,
      requests: mergeRecalls(inOrder).map((event) => this.#show(event)),
      unlisted: calls + shared + cache + stale,
    };
  }

  #show({ source, endpoint, path, page, keys, startedAt, endedAt, causes, ...rest }: CallEvent) {
    const { status, bytes, attempts } = rest;
    return {
      source: sourceNames[source],
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

const sourceNames = { call: 'CALL', shared: 'SHARED', cache: 'CACHE', stale: 'STALE' } as const;

/**
 * A call may have waited for another one that had ended when it started, if both read the same list, or if a field that
 * needed the one stands above a field that needed the other.
 */
function roundTripsOf(events: readonly CallEvent[]): number {
  const chains: { event: CallEvent; fields: string[]; above: Set<string>; length: number }[] = [];
  for (const event of events) {
    if (event.source !== 'call' && event.source !== 'shared') continue;
    const causes = event.causes.slice(0, maxCauses);
    const fields = causes.map((cause) => textOf(cause, String));
    const above = new Set(causes.flatMap(ancestorsOf));
    const before = chains.filter(
      (chain) =>
        chain.event.endedAt <= event.startedAt &&
        (listOf(chain.event) === listOf(event) ||
          chain.fields.some((field) => above.has(field)) ||
          fields.some((field) => chain.above.has(field))),
    );
    const length = Math.max(0, ...before.map((chain) => chain.length)) + 1;
    chains.push({ event, fields, above, length });
  }
  return Math.max(0, ...chains.map(({ length }) => length));
}

function listOf({ path }: CallEvent): string {
  return path.split('?', 1)[0] ?? path;
}

function ancestorsOf({ prev }: FieldPath): string[] {
  const ancestors: string[] = [];
  for (let at = prev; at !== undefined; at = at.prev) {
    if (typeof at.key === 'string') ancestors.push(textOf(at, String));
  }
  return ancestors;
}

/** Pages of a list that the caller sees a part of only are one event: their number would show how long the rest is. */
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
    status:
      left.status === null || right.status === null
        ? (left.status ?? right.status)
        : Math.max(left.status, right.status),
    attempts: Math.max(left.attempts, right.attempts),
    causes: [...left.causes, ...right.causes],
  };
}

/** What memory had of one list, row by row, is one entry with all the keys. */
function mergeRecalls(events: readonly CallEvent[]): CallEvent[] {
  const lists = new Map<string, { keys: string[]; causes: FieldPath[] }>();
  return events.flatMap((event) => {
    const { source, path, page, keys, causes } = event;
    const isRecall = source === 'cache' || source === 'stale';
    if (!isRecall || page !== undefined || keys === undefined) return [event];
    const list = lists.get(`${source} ${path}`);
    if (list === undefined) {
      const first = { ...event, keys: [...keys], causes: [...causes] };
      lists.set(`${source} ${path}`, first);
      return [first];
    }
    list.keys.push(...keys);
    list.causes.push(...causes);
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
