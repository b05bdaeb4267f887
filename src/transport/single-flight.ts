/**
 * Equal calls in flight are one. A waiter may leave: the call goes on for the others, and ends when the last one has
 * left.
 */
import type { UpstreamError } from '../errors.ts';
import { createScope, type Scope } from '../scope.ts';

export interface Boarding<Value> {
  readonly landing: Promise<Value>;
  /** Whether the call had already been in the air. */
  readonly isShared: boolean;
}

export interface Passenger extends Scope {
  /** What the landing rejects with when the passenger's signal aborts. */
  readonly leave: () => UpstreamError;
  /** A call whose attempt started before this moment is not good enough. */
  readonly notBefore: number;
}

type Start<Value> = (scope: Scope, startedAt: number) => Promise<Value>;

/** A call in the air, and the scope of what it needs. */
class Flight<Value> implements Scope {
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
  landing: Promise<Value> | null = null;
  waiters = 0;
  /** Of the waiter who waits longest. */
  deadlineAt: number;

  constructor({ owner, deadlineAt }: Passenger, clock: () => number) {
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
  if (!(scope instanceof Flight)) return () => undefined;
  scope.isAwaitingRepetition = true;
  return () => {
    scope.isAwaitingRepetition = false;
    scope.startedAt = scope.clock();
  };
}

/** When the last attempt of a shared call started, by the clock of its flights; null for the scope of any other call. */
export function attemptStartedAt(scope: Scope): number | null {
  return scope instanceof Flight ? scope.startedAt : null;
}

export class SingleFlight<Value> {
  readonly #flights = new Map<string, Flight<Value>>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /**
   * Waits for the call of this key, which `start` makes if it is not in the air yet. The landing rejects when the
   * passenger's signal aborts, and with what the call rejects with. What `start` throws is thrown, and nothing is in
   * the air then.
   */
  board(key: string, passenger: Passenger, start: Start<Value>): Boarding<Value> {
    if (passenger.signal.aborted) return { landing: Promise.reject(passenger.leave()), isShared: false };
    const inTheAir = this.#flights.get(key);
    if (inTheAir?.landing && (inTheAir.isAwaitingRepetition || inTheAir.startedAt >= passenger.notBefore))
      return { landing: this.#wait(key, inTheAir, inTheAir.landing, passenger), isShared: true };
    const { flight, landing } = this.#start(key, passenger, start);
    return { landing: this.#wait(key, flight, landing, passenger), isShared: false };
  }

  #start(key: string, passenger: Passenger, start: Start<Value>) {
    const flight = new Flight<Value>(passenger, this.#clock);
    const landing = start(flight, flight.startedAt);
    flight.landing = landing;
    this.#flights.set(key, flight);
    const remove = () => {
      flight.landing = null;
      this.#remove(key, flight);
    };
    landing.then(remove, remove);
    return { flight, landing };
  }

  #wait(key: string, flight: Flight<Value>, landing: Promise<Value>, passenger: Passenger): Promise<Value> {
    const { signal, deadlineAt } = passenger;
    flight.waiters += 1;
    flight.deadlineAt = Math.max(flight.deadlineAt, deadlineAt);
    return new Promise((resolve, reject) => {
      const leave = () => {
        flight.waiters -= 1;
        if (flight.waiters === 0) {
          // No caller may join a call that is being ended.
          this.#remove(key, flight);
          flight.end();
        }
        reject(passenger.leave());
      };
      landing.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', leave);
      });
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #remove(key: string, flight: Flight<Value>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
