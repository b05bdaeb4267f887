/** Context of one operation, passed to all layers below the server. */
import { setMaxListeners } from 'node:events';

/** Context of upstream calls; they end when the signal aborts. */
export interface Scope {
  readonly signal: AbortSignal;
  /** By `performance.now()`; Infinity for none. */
  readonly deadlineAt: number;
  /** Owner of the calls in round-robin queues. */
  readonly owner: object;
}

/** The authenticated caller. */
export interface Viewer {
  /** Name in logs; not secret. */
  readonly name: string;
  /** The viewer's customers, by the upstream's ids in lower case; null for all customers. */
  readonly customerIds: ReadonlySet<string> | null;
  /** Name of the upstream's credential; null if all callers use one. */
  readonly profile: string | null;
}

/** Freshness, budget and observers of one operation. */
export interface OperationScope extends Scope {
  readonly viewer: Viewer;
  /** Milliseconds since the epoch, by the gateway's clock. */
  readonly startedAt: number;
  /** Maximum age of cached entries in milliseconds; null to use the configured lifetimes. */
  readonly maxAgeMs: number | null;
  readonly budget: CallBudget;
  /** Null if no explanation was requested. */
  readonly observer: CallObserver | null;
  readonly counts: AnswerCounts;
  readonly outdated: OutdatedAnswers;
  readonly dependencies: CacheDependencies;
  /** Collects the customers whose data is read; null if auditing is off. */
  readonly customersRead: Set<string> | null;
  /** Whether the rows that the operation reads are cached. */
  readonly cachesRows: boolean;
}

/** Sources of an operation's answers other than its own calls, and the time it waited. */
export class AnswerCounts {
  /** From cache, fresh. */
  fresh = 0;
  /** From cache, stale. */
  stale = 0;
  /** From calls of another operation or instance. */
  shared = 0;
  #pending = 0;
  #waitingSince = 0;
  #waitedMs = 0;

  /** Milliseconds during which at least one answer was pending. */
  get waitedMs(): number {
    return this.#waitedMs + (this.#pending > 0 ? performance.now() - this.#waitingSince : 0);
  }

  /** Waits for an answer, counting the time. */
  async wait<Answer>(answer: Promise<Answer>): Promise<Answer> {
    if (this.#pending === 0) this.#waitingSince = performance.now();
    this.#pending += 1;
    try {
      return await answer;
    } finally {
      this.#pending -= 1;
      if (this.#pending === 0) this.#waitedMs += performance.now() - this.#waitingSince;
    }
  }
}

/** Stale answers served because the upstream had failed. */
export class OutdatedAnswers {
  readonly #ages = new Map<string, number>();

  /** @param ageMs age of one answer of this endpoint, in milliseconds */
  add(endpoint: string, ageMs: number): void {
    this.#ages.set(endpoint, Math.max(ageMs, this.#ages.get(endpoint) ?? 0));
  }

  /** By endpoint, the age of the oldest answer in whole seconds. */
  get all(): { readonly endpoint: string; readonly ageSeconds: number }[] {
    return [...this.#ages].map(([endpoint, ageMs]) => ({ endpoint, ageSeconds: Math.round(ageMs / 1000) }));
  }
}

/** Something that increments a version when it changes. */
export interface Versioned {
  readonly version: number;
}

/** Dependencies of a response; they decide how long it may be cached. */
export class CacheDependencies {
  readonly #sources = new Map<Versioned, number>();
  #goodUntil = Infinity;
  #oldestSentAt = Infinity;
  #isUncacheable = false;

  /** The response is valid only until this version changes. */
  addDependency(source: Versioned): void {
    if (!this.#sources.has(source)) this.#sources.set(source, source.version);
  }

  /** Limits the response's freshness; both in milliseconds since the epoch by the gateway's clock. */
  limit({ sentAt, goodUntil }: { readonly sentAt: number; readonly goodUntil: number }): void {
    this.#oldestSentAt = Math.min(this.#oldestSentAt, sentAt);
    this.#goodUntil = Math.min(this.#goodUntil, goodUntil);
  }

  /** Age of the oldest entry and remaining freshness; null without dated entries. */
  freshnessAt(now: number): { readonly ageMs: number; readonly leftMs: number } | null {
    if (this.#oldestSentAt === Infinity) return null;
    return { ageMs: Math.max(0, now - this.#oldestSentAt), leftMs: Math.max(0, this.#goodUntil - now) };
  }

  /** Excludes the response from the response cache. */
  markUncacheable(): void {
    this.#isUncacheable = true;
  }

  get isUncacheable(): boolean {
    return this.#isUncacheable;
  }

  isValidAt(now: number): boolean {
    if (this.#isUncacheable || now > this.#goodUntil) return false;
    for (const [source, version] of this.#sources) if (source.version !== version) return false;
    return true;
  }
}

/** Upstream-call budget; `made` is the count so far. */
export class CallBudget {
  readonly limit: number;
  #made = 0;

  /** @param limit Infinity for no limit */
  constructor(limit: number) {
    this.limit = limit;
  }

  get made(): number {
    return this.#made;
  }

  /** Returns the budget of a call that was not made. */
  refund(): void {
    this.#made -= 1;
  }

  /** Takes one call; returns false if none is left. */
  take(): boolean {
    if (this.#made >= this.limit) return false;
    this.#made += 1;
    return true;
  }
}

/** Receives the source of each answer that an operation uses, without details of other operations or callers. */
export interface CallObserver {
  readonly observe: (event: CallEvent) => void;
}

/**
 * `call`: an upstream call. `shared`: another operation's or instance's call in flight. `cache`: fresh. `stale`: past
 * its time to live.
 */
export type AnswerSource = 'call' | 'shared' | 'cache' | 'stale';

export interface CallEvent {
  readonly source: AnswerSource;
  /** Route name. */
  readonly endpoint: string;
  readonly path: string;
  /** Absent for rows cached by key, and if the viewer sees only a part of the list. */
  readonly page?: { readonly pageIndex: number; readonly pageSize: number };
  /** The keys that this operation looked up; absent for a page of the whole list. */
  readonly keys?: readonly string[];
  /**
   * Whether the viewer sees only a part of the list. The event then omits page, bytes and query, which would reveal the
   * length of the rest.
   */
  readonly isPartlySeen: boolean;
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Null without a response. */
  readonly status: number | null;
  /** Size of the response body; null if there was none, or if it has rows that other operations requested. */
  readonly bytes: number | null;
  /** Number of calls; 0 if this operation made none. */
  readonly attempts: number;
  /** The fields that need the answer, limited to `maxCauses`. */
  readonly causes: readonly FieldPath[];
}

/** Maximum number of fields that an explanation shows for one event. */
export const maxCauses = 50;

/** A field's path in the response, from its end, as in graphql-js. */
export interface FieldPath {
  readonly prev: FieldPath | undefined;
  readonly key: string | number;
}

/** Abort reason if the operation's deadline was reached. Any other reason means that the caller is gone. */
export const deadlineReached = Symbol('deadline reached');

/** Whether the operation's caller is gone. */
export function isAbandoned({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason !== deadlineReached;
}

/** Creates a scope and the function that ends it. Any number of calls may listen to its signal. */
export function createScope(deadlineAt = Infinity): {
  readonly scope: Scope;
  readonly end: (reason?: symbol) => void;
} {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return {
    scope: { signal: controller.signal, deadlineAt, owner: controller },
    end: (reason) => {
      controller.abort(reason);
    },
  };
}
