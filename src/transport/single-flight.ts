/** Coalesces equal calls in flight. A call runs until its last waiter cancels. */
import type { UpstreamError } from '../errors.ts';
import { createScope, type Scope } from '../scope.ts';

export interface Joined<Value> {
  readonly result: Promise<Value>;
  /** Whether the call was already in flight. */
  readonly isShared: boolean;
}

export interface Waiter extends Scope {
  /** Error of the result when the waiter's signal aborts. */
  readonly abortError: () => UpstreamError;
  /** If the call's last attempt started before this moment, it is too old. */
  readonly notBefore: number;
}

type Start<Value> = (scope: Scope, startedAt: number) => Promise<Value>;

class SharedCall<Value> implements Scope {
  readonly signal: AbortSignal;
  readonly owner: object;
  readonly clock: () => number;
  /** Start of the last attempt. */
  startedAt: number;
  /** Whether the next attempt has not started yet; its answer will be new enough for any waiter. */
  isAwaitingRepetition = false;
  readonly end: () => void;
  /**
   * Null once settled: V8 retains outdated backing stores of a busy Map, with the answers in them, until the next major
   * collection.
   */
  result: Promise<Value> | null = null;
  waiters = 0;
  /** The latest deadline of all waiters. */
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
 * Lets every new waiter join a shared call that waits for its retry, since the next attempt starts afterwards. Returns
 * the function to call when that attempt starts; does nothing for other scopes.
 */
export function awaitRepetition(scope: Scope): () => void {
  if (!(scope instanceof SharedCall)) return () => undefined;
  scope.isAwaitingRepetition = true;
  return () => {
    scope.isAwaitingRepetition = false;
    scope.startedAt = scope.clock();
  };
}

/** Start of the last attempt of a shared call, by the clock of its SingleFlight; null for other scopes. */
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
   * Joins the call of this key, or starts it. The result rejects when the waiter's signal aborts, and with the call's
   * error. If `start` throws, its error is thrown and no call is in flight.
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
      const onAbort = () => {
        call.waiters -= 1;
        if (call.waiters === 0) {
          // A call that is ending can't be joined.
          this.#remove(key, call);
          call.end();
        }
        reject(waiter.abortError());
      };
      result.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', onAbort);
      });
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #remove(key: string, call: SharedCall<Value>): void {
    if (this.#calls.get(key) === call) this.#calls.delete(key);
  }
}
