/**
 * Circuit breakers, one per endpoint: while a circuit is open, calls fail at once, and a few probes show whether the
 * endpoint has recovered.
 */
import { UpstreamError } from '../errors.ts';
import type { Transport } from './transport.ts';

/** When a circuit opens, and how it probes. */
export interface CircuitPolicy {
  /** Number of outcomes considered. */
  readonly recentCalls: number;
  /** Minimum number of outcomes before the circuit can open. */
  readonly minCalls: number;
  /** Share of faults at which the circuit opens; random faults stay below it. */
  readonly tolerated: number;
  readonly firstCooldownMs: number;
  readonly maxCooldownMs: number;
  /** Probes after each cooldown; one success closes the circuit. */
  readonly probesPerCooldown: number;
}

/** For faults that can be random: several probes, so that a random fault does not prolong an outage. */
const outagePolicy: CircuitPolicy = {
  recentCalls: 20,
  minCalls: 10,
  tolerated: 0.75,
  firstCooldownMs: 1000,
  maxCooldownMs: 3000,
  probesPerCooldown: 3,
};

/**
 * For denials (401 and 403), which retries do not fix: few calls until the operator fixes the cause, and recovery
 * within seconds.
 */
export const denialPolicy: CircuitPolicy = {
  recentCalls: 3,
  minCalls: 3,
  tolerated: 1,
  firstCooldownMs: 1000,
  maxCooldownMs: 8000,
  probesPerCooldown: 1,
};

export interface CircuitBreakersOptions {
  /** Defaults to the policy for outages. */
  readonly policy?: CircuitPolicy;
  /** Milliseconds; monotonic. */
  readonly now?: () => number;
  /** Called when an endpoint's circuit opens or closes. */
  readonly onChange?: (endpoint: string, change: CircuitChange) => void;
}

/** `cooldownMs` is the time until the first probe. */
export type CircuitChange =
  { readonly kind: 'open'; readonly cooldownMs: number } | { readonly kind: 'close' };

/** Circuits of one upstream, by endpoint. */
export class CircuitBreakers {
  readonly #circuits = new Map<string, Circuit>();
  readonly #policy: CircuitPolicy;
  readonly #now: () => number;
  readonly #onChange: (endpoint: string, change: CircuitChange) => void;

  constructor({
    policy = outagePolicy,
    now = () => performance.now(),
    onChange = () => undefined,
  }: CircuitBreakersOptions = {}) {
    this.#policy = policy;
    this.#now = now;
    this.#onChange = onChange;
  }

  circuitOf(endpoint: string): Circuit {
    let circuit = this.#circuits.get(endpoint);
    if (circuit === undefined) {
      circuit = new Circuit(this.#policy, this.#now, (change) => {
        this.#onChange(endpoint, change);
      });
      this.#circuits.set(endpoint, circuit);
    }
    return circuit;
  }

  get openEndpoints(): readonly string[] {
    return [...this.#circuits].flatMap(([endpoint, { isOpen }]) => (isOpen ? [endpoint] : []));
  }

  /** Applies a change found by another instance. */
  applyRemote(endpoint: string, change: CircuitChange): void {
    this.circuitOf(endpoint).applyRemote(change);
  }
}

/** Rejects with UPSTREAM_UNAVAILABLE, without a call, while the circuit is open. */
export function withCircuitBreaker(next: Transport, breakers: CircuitBreakers): Transport {
  return async (request, scope) => {
    const { endpoint } = request;
    const circuit = breakers.circuitOf(endpoint);
    const { retryAfterMs, isProbe } = circuit.enter();
    if (retryAfterMs > 0) {
      throw new UpstreamError(
        'UPSTREAM_UNAVAILABLE',
        'The upstream keeps failing and is not called for a moment. Try again later.',
        { endpoint, retryAfterMs, notSent: true },
      );
    }
    try {
      const response = await next(request, scope);
      const isGood = response.status < 500 && response.status !== 408;
      if (!isGood) circuit.lastFault = `status ${response.status}`;
      circuit.record(isProbe, isGood);
      return response;
    } catch (error) {
      const isFault =
        error instanceof UpstreamError &&
        error.details.notSent === undefined &&
        (error.code === 'UPSTREAM_UNAVAILABLE' || error.code === 'UPSTREAM_TIMEOUT');
      if (isFault)
        circuit.lastFault = error.code === 'UPSTREAM_TIMEOUT' ? 'no answer in time' : 'no connection';
      circuit.record(isProbe, isFault ? false : null);
      throw error;
    }
  };
}

/** One circuit: closed, or open except for probes. */
export class Circuit {
  /** Cause of the last failed call; null if only another instance has seen it. */
  lastFault: string | null = null;
  readonly #policy: CircuitPolicy;
  readonly #now: () => number;
  readonly #onChange: (change: CircuitChange) => void;
  #outcomes: boolean[] = [];
  #cooldownMs: number;
  /** End of the cooldown; null while the circuit is closed. */
  #openUntil: number | null = null;
  #probesLeft = 0;
  #probesInFlight = 0;

  constructor(policy: CircuitPolicy, now: () => number, onChange: (change: CircuitChange) => void) {
    this.#policy = policy;
    this.#cooldownMs = policy.firstCooldownMs;
    this.#now = now;
    this.#onChange = onChange;
  }

  get isOpen(): boolean {
    return this.#openUntil !== null;
  }

  /** Admits a call, possibly as a probe, if `retryAfterMs` is 0. */
  enter(): { readonly retryAfterMs: number; readonly isProbe: boolean } {
    if (this.#openUntil === null) return { retryAfterMs: 0, isProbe: false };
    const leftMs = this.#openUntil - this.#now();
    if (leftMs > 0) return { retryAfterMs: leftMs, isProbe: false };
    if (this.#probesLeft === 0) return { retryAfterMs: this.#policy.firstCooldownMs, isProbe: false };
    this.#probesLeft -= 1;
    this.#probesInFlight += 1;
    return { retryAfterMs: 0, isProbe: true };
  }

  /** @param isGood null if the call shows nothing about the endpoint, for example because it was cancelled */
  record(isProbe: boolean, isGood: boolean | null): void {
    if (isProbe) this.#recordProbe(isGood);
    // Calls that were in flight when the circuit opened show nothing new.
    else if (isGood !== null && this.#openUntil === null) this.#recordCall(isGood);
  }

  #recordCall(isGood: boolean): void {
    const { recentCalls, minCalls, tolerated } = this.#policy;
    this.#outcomes.push(isGood);
    if (this.#outcomes.length > recentCalls) this.#outcomes.shift();
    const faults = this.#outcomes.filter((outcome) => !outcome).length;
    if (this.#outcomes.length >= minCalls && faults >= tolerated * this.#outcomes.length)
      this.#openAndNotify();
  }

  #recordProbe(isGood: boolean | null): void {
    this.#probesInFlight -= 1;
    // Another probe has closed the circuit.
    if (this.#openUntil === null) return;
    if (isGood === null) this.#probesLeft += 1;
    else if (isGood) {
      this.#close();
      this.#onChange({ kind: 'close' });
    } else if (this.#probesLeft === 0 && this.#probesInFlight === 0) {
      this.#cooldownMs = Math.min(this.#policy.maxCooldownMs, this.#cooldownMs * 2);
      this.#openAndNotify();
    }
  }

  applyRemote(change: CircuitChange): void {
    if (change.kind === 'close') this.#close();
    else this.#open(change.cooldownMs);
  }

  #openAndNotify(): void {
    this.#open(this.#cooldownMs);
    this.#onChange({ kind: 'open', cooldownMs: this.#cooldownMs });
  }

  #open(cooldownMs: number): void {
    // Another instance's cooldown has the same limit.
    this.#openUntil = this.#now() + Math.min(this.#policy.maxCooldownMs, Math.max(0, cooldownMs) || 0);
    this.#probesLeft = this.#policy.probesPerCooldown;
  }

  #close(): void {
    this.#openUntil = null;
    this.#outcomes = [];
    this.#cooldownMs = this.#policy.firstCooldownMs;
  }
}
