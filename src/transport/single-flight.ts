/**
 * Equal calls in flight are one. A waiter may leave: the call goes on for the others, and ends when the last one has
 * left.
 */
import type { UpstreamError } from '../errors.ts';
import { createScope, type Scope } from '../scope.ts';

export interface Joined<Value> {
  readonly result: Promise<Value>;
  /** Whether the call was already in flight. */
  readonly isShared: boolean;
}

export interface Waiter extends Scope {
  /** What the result rejects with when the waiter's signal aborts. */
  readonly abortError: () => UpstreamError;
  /** A call whose attempt started before this moment is not good enough. */
  readonly notBefore: number;
}

type Start<Value> = (scope: Scope, startedAt: number) => Promise<Value>;

/** A call in flight, and the scope of what it needs. */
class SharedCall<Value> implements Scope {
  readonly signal: AbortSignal;
  readonly owner: object;
  readonly clock: () => number;
  /** When its last attempt started. */
  startedAt: number;
  /** Whether its next attempt has not started yet, so that its answer will be newer than any waiter. */
  isAwaitingRepetition = false;
  readonly end: () => void;
  /**
   * Null once it has settled: V8 retains outdated backing stores of a busy Map until the next major collection, and the
   * answers with them.
   */
  result: Promise<Value> | null = null;
  waiters = 0;
  /** Of the waiter who waits longest. */
  deadlineAt: number;

  constructor({ owner, deadlineAt }: Waiter, clock: () => number) {
    const { scope, end } = createScope();
    this.signal = scope.signal;
    this.owner = owner;
    this.deadlineAt = deadlineAt;
    this.clock = clock;
    this.startedAt = clock();
    this.end = end;
  }
}

/**
 * Opens a shared call that is about to be repeated to every newcomer: its next attempt starts after they have asked.
 * Returns the function to call when that attempt starts. The scope of any other call is left as it is.
 */
export function awaitRepetition(scope: Scope): () => void {
  if (!(scope instanceof SharedCall)) return () => undefined;
  scope.isAwaitingRepetition = true;
  return () => {
    scope.isAwaitingRepetition = false;
    scope.startedAt = scope.clock();
  };
}

/** When the last attempt of a shared call started, by the clock of its SingleFlight; null for the scope of any other call. */
export function attemptStartedAt(scope: Scope): number | null {
  return scope instanceof SharedCall ? scope.startedAt : null;
}

export class SingleFlight<Value> {
  readonly #calls = new Map<string, SharedCall<Value>>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /**
   * Waits for the call of this key, which `start` makes if it is not in flight yet. The result rejects when the
   * waiter's signal aborts, and with what the call rejects with. What `start` throws is thrown, and nothing is in
   * flight then.
   */
  join(key: string, waiter: Waiter, start: Start<Value>): Joined<Value> {
    if (waiter.signal.aborted) return { result: Promise.reject(waiter.abortError()), isShared: false };
    const inFlight = this.#calls.get(key);
    if (inFlight?.result && (inFlight.isAwaitingRepetition || inFlight.startedAt >= waiter.notBefore))
      return { result: this.#wait(key, inFlight, inFlight.result, waiter), isShared: true };
    const { call, result } = this.#start(key, waiter, start);
    return { result: this.#wait(key, call, result, waiter), isShared: false };
  }

  #start(key: string, waiter: Waiter, start: Start<Value>) {
    const call = new SharedCall<Value>(waiter, this.#clock);
    const result = start(call, call.startedAt);
    call.result = result;
    this.#calls.set(key, call);
    const remove = () => {
      call.result = null;
      this.#remove(key, call);
    };
    result.then(remove, remove);
    return { call, result };
  }

  #wait(key: string, call: SharedCall<Value>, result: Promise<Value>, waiter: Waiter): Promise<Value> {
    const { signal, deadlineAt } = waiter;
    call.waiters += 1;
    call.deadlineAt = Math.max(call.deadlineAt, deadlineAt);
    return new Promise((resolve, reject) => {
      const leave = () => {
        call.waiters -= 1;
        if (call.waiters === 0) {
          // No caller may join a call that is being ended.
          this.#remove(key, call);
          call.end();
        }
        reject(waiter.abortError());
      };
      result.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', leave);
      });
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #remove(key: string, call: SharedCall<Value>): void {
    if (this.#calls.get(key) === call) this.#calls.delete(key);
  }
}
