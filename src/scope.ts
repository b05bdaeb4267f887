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

/** What one operation may read from memory, may spend, and wants to know. */
export interface OperationScope extends Scope {
  /** When the operation began, in milliseconds since the epoch by the gateway's clock. */
  readonly startedAt: number;
  /** How old an answer kept in memory may be, in milliseconds; null leaves it to the settings. */
  readonly maxAgeMs: number | null;
  readonly budget: CallBudget;
  /** Null where nobody asked for an explanation; then nothing is collected for one. */
  readonly observer: CallObserver | null;
  readonly outdated: OutdatedAnswers;
  readonly provenance: Provenance;
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
export class Provenance {
  readonly #sources = new Map<Versioned, number>();
  #goodUntil = Infinity;
  #isOwn = false;

  /** What the answer is made of must not change. */
  dependOn(source: Versioned): void {
    if (!this.#sources.has(source)) this.#sources.set(source, source.version);
  }

  /** @param goodUntil in milliseconds since the epoch by the gateway's clock */
  limit(goodUntil: number): void {
    this.#goodUntil = Math.min(this.#goodUntil, goodUntil);
  }

  /** The answer is this operation's own, and no other's. */
  keepToItself(): void {
    this.#isOwn = true;
  }

  get isToItself(): boolean {
    return this.#isOwn;
  }

  isGoodAt(now: number): boolean {
    if (this.#isOwn || now > this.#goodUntil) return false;
    for (const [source, version] of this.#sources) if (source.version !== version) return false;
    return true;
  }
}

/** How many calls of the upstream an operation has left. */
export class CallBudget {
  readonly limit: number;
  #left: number;

  constructor(limit: number) {
    this.limit = limit;
    this.#left = limit;
  }

  /** Takes back one that was not made. */
  giveBack(): void {
    this.#left += 1;
  }

  /** Takes one call; false where none is left. */
  take(): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }
}

/** Told, as it happens, where each answer of an operation came from. */
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
  /** Absent where the rows came from memory, by their keys. */
  readonly page?: { readonly pageIndex: number; readonly pageSize: number };
  /** The keys looked up; absent where a page of the whole list was read. */
  readonly keys?: readonly string[];
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Null where no answer came, or none was waited for. */
  readonly status: number | null;
  /** Of the answer's body; null where none was received. */
  readonly bytes: number | null;
  /** How often it was called; 0 where this operation called nothing. */
  readonly attempts: number;
  /** The fields that needed it. */
  readonly causes: readonly FieldPath[];
}

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
