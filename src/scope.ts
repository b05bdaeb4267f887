/** What one operation hands down every seam: no layer below the server reads anything of an operation but this. */
import { setMaxListeners } from 'node:events';

/** What the calls of the upstream need: each one ends when the signal aborts. */
export interface Scope {
  readonly signal: AbortSignal;
  /** When nobody waits any more, by `performance.now()`; Infinity where that is not known. */
  readonly deadlineAt: number;
  /** Whose calls take turns with those of others. */
  readonly owner: object;
}

/** Who asks. */
export interface Viewer {
  /** As logs name it; no secret. */
  readonly name: string;
  /** The customers whose data is theirs, by the upstream's own ids in lower case; null where all are. */
  readonly customerIds: ReadonlySet<string> | null;
  /** Which of the upstream's credentials is theirs; null where there is one for all. */
  readonly profile: string | null;
}

/** What one operation may read from memory, may spend, and wants to know. */
export interface OperationScope extends Scope {
  readonly viewer: Viewer;
  /** When the operation began, in milliseconds since the epoch by the gateway's clock. */
  readonly startedAt: number;
  /** How old an answer kept in memory may be, in milliseconds; null leaves it to the settings. */
  readonly maxAgeMs: number | null;
  readonly budget: CallBudget;
  /** Null where nobody asked for an explanation; then nothing is collected for one. */
  readonly observer: CallObserver | null;
  readonly counts: AnswerCounts;
  readonly outdated: OutdatedAnswers;
  readonly dependencies: CacheDependencies;
  /** Takes in the ids of the customers whose data is read; null where nobody wants to know. */
  readonly customersRead: Set<string> | null;
  /** Whether what it reads is kept in memory for others. */
  readonly cachesRows: boolean;
}

/** Where the upstream's answers came from that an operation has used, beside its own calls; and how long it waited. */
export class AnswerCounts {
  /** From memory, fresh. */
  fresh = 0;
  /** From memory, past their time to live. */
  stale = 0;
  /** Of calls that another operation, or another instance, had in the air. */
  shared = 0;
  #underWay = 0;
  #waitingSince = 0;
  #waitedMs = 0;

  /** How long at least one answer was waited for, in milliseconds. */
  get waitedMs(): number {
    return this.#waitedMs + (this.#underWay > 0 ? performance.now() - this.#waitingSince : 0);
  }

  /** Counts an answer in that is waited for. */
  async wait<Answer>(answer: Promise<Answer>): Promise<Answer> {
    if (this.#underWay === 0) this.#waitingSince = performance.now();
    this.#underWay += 1;
    try {
      return await answer;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#waitedMs += performance.now() - this.#waitingSince;
    }
  }
}

/** What an operation was served from memory, past its time, because the upstream had just failed. */
export class OutdatedAnswers {
  readonly #ages = new Map<string, number>();

  /** @param ageMs of one answer of this endpoint, in milliseconds */
  add(endpoint: string, ageMs: number): void {
    this.#ages.set(endpoint, Math.max(ageMs, this.#ages.get(endpoint) ?? 0));
  }

  /** By endpoint, the age of the oldest answer in whole seconds. */
  get all(): { readonly endpoint: string; readonly ageSeconds: number }[] {
    return [...this.#ages].map(([endpoint, ageMs]) => ({ endpoint, ageSeconds: Math.round(ageMs / 1000) }));
  }
}

/** Something that can change, and tells that it has. */
export interface Versioned {
  readonly version: number;
}

/** What an operation's answer was made of, as far as it decides how long the answer is good. */
export class CacheDependencies {
  readonly #sources = new Map<Versioned, number>();
  #goodUntil = Infinity;
  #oldestSentAt = Infinity;
  #isOwn = false;

  /** What the answer is made of must not change. */
  addDependency(source: Versioned): void {
    if (!this.#sources.has(source)) this.#sources.set(source, source.version);
  }

  /** Something was read; both in milliseconds since the epoch by the gateway's clock. */
  limit({ sentAt, goodUntil }: { readonly sentAt: number; readonly goodUntil: number }): void {
    this.#oldestSentAt = Math.min(this.#oldestSentAt, sentAt);
    this.#goodUntil = Math.min(this.#goodUntil, goodUntil);
  }

  /** How old the oldest of it is, and how long all of it is fresh; null where it is made of nothing that ages. */
  freshnessAt(now: number): { readonly ageMs: number; readonly leftMs: number } | null {
    if (this.#oldestSentAt === Infinity) return null;
    return { ageMs: Math.max(0, now - this.#oldestSentAt), leftMs: Math.max(0, this.#goodUntil - now) };
  }

  /** The answer is this operation's own, and no other's. */
  markUncacheable(): void {
    this.#isOwn = true;
  }

  get isUncacheable(): boolean {
    return this.#isOwn;
  }

  isValidAt(now: number): boolean {
    if (this.#isOwn || now > this.#goodUntil) return false;
    for (const [source, version] of this.#sources) if (source.version !== version) return false;
    return true;
  }
}

/** How many calls of the upstream an operation has left. */
export class CallBudget {
  readonly limit: number;
  #made = 0;

  /** @param limit Infinity for as many as it takes */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many calls were made. */
  get made(): number {
    return this.#made;
  }

  /** Takes back one that was not made. */
  refund(): void {
    this.#made -= 1;
  }

  /** Takes one call; false where none is left. */
  take(): boolean {
    if (this.#made >= this.limit) return false;
    this.#made += 1;
    return true;
  }
}

/** Notified of the source of each answer that an operation uses, without anything of other operations or callers. */
export interface CallObserver {
  readonly observe: (event: CallEvent) => void;
}

/**
 * `call`: the upstream was called. `shared`: a call that another operation had in the air served this one as well.
 * `cache`: from memory. `stale`: from memory beyond its time to live.
 */
export type AnswerSource = 'call' | 'shared' | 'cache' | 'stale';

export interface CallEvent {
  readonly source: AnswerSource;
  /** The route by its name. */
  readonly endpoint: string;
  readonly path: string;
  /** Absent if the rows came from memory, by their keys, and if the viewer sees a part of the list only. */
  readonly page?: { readonly pageIndex: number; readonly pageSize: number };
  /** The keys that this operation looked up; absent if a page of the whole list was read. */
  readonly keys?: readonly string[];
  /**
   * Whether the viewer sees a part of the list only. The event then has no page, no bytes and no query in its path: they
   * would show how long the rest is.
   */
  readonly isPartlySeen: boolean;
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Null where no answer came, or none was waited for. */
  readonly status: number | null;
  /** Size of the answer's body; null if none was received, or if other operations' keys were looked up with it. */
  readonly bytes: number | null;
  /** How often it was called; 0 where this operation called nothing. */
  readonly attempts: number;
  /** The fields that needed it; of many, some. */
  readonly causes: readonly FieldPath[];
}

/** Fields that an explanation looks at for one event; more need not be collected. */
export const maxCauses = 50;

/** A field's place in the answer, from its end: the shape of graphql-js's own paths. */
export interface FieldPath {
  readonly prev: FieldPath | undefined;
  readonly key: string | number;
}

/** Why a scope's signal has aborted: the operation's time is over. Any other reason is that its caller has gone. */
export const deadlineReached = Symbol('deadline reached');

/** A scope and the way to end it. Any number of calls may listen to its signal. */
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
