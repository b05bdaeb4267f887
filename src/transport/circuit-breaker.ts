/**
 * Leaves an endpoint alone that has stopped working: calls fail at once, without waiting for what will not come, and a
 * few calls find out whether it works again. Endpoints are apart from each other, since they fail apart.
 */
import { UpstreamError } from '../errors.ts';
import type { Transport } from './transport.ts';

/** When a circuit opens, and how it probes. */
export interface CircuitPolicy {
  /** The outcomes that are looked at. */
  readonly recentCalls: number;
  /** Fewer outcomes than this say nothing. */
  readonly minCalls: number;
  /** Random faults never are this share of them; an outage is. */
  readonly tolerated: number;
  readonly firstCooldownMs: number;
  readonly maxCooldownMs: number;
  /** After each rest; the first good one ends the outage. */
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

/** For refusals, which no repetition mends: few calls until an operator does, and seconds to notice it. */
export const refusalPolicy: CircuitPolicy = {
  recentCalls: 3,
  minCalls: 3,
  tolerated: 1,
  firstCooldownMs: 1000,
  maxCooldownMs: 8000,
  probesPerCooldown: 1,
};

export interface CircuitBreakersOptions {
  /** By default, for outages. */
  readonly policy?: CircuitPolicy;
  /** Milliseconds; it never goes back. */
  readonly now?: () => number;
  /** Notified when an endpoint's circuit opens, for so many milliseconds, or closes. */
  readonly onChange?: (endpoint: string, change: CircuitChange) => void;
}

/** `cooldownMs`: how long the endpoint is left alone before it is probed. */
export type CircuitChange =
  { readonly kind: 'open'; readonly cooldownMs: number } | { readonly kind: 'close' };

/** The circuits of one upstream, by endpoint. */
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

  /** Those that are left alone at the moment. */
  get openEndpoints(): readonly string[] {
    return [...this.#circuits].flatMap(([endpoint, { isOpen }]) => (isOpen ? [endpoint] : []));
  }

  /** Takes over what another instance has found out. */
  applyRemote(endpoint: string, change: CircuitChange): void {
    this.circuitOf(endpoint).applyRemote(change);
  }
}

/** Rejects with UPSTREAM_UNAVAILABLE, without a call, while the endpoint is left alone. */
export function withCircuitBreaker(next: Transport, board: CircuitBreakers): Transport {
  return async (request, scope) => {
    const { endpoint } = request;
    const circuit = board.circuitOf(endpoint);
    const { retryAfterMs, isProbe } = circuit.enter();
    if (retryAfterMs > 0) {
      throw new UpstreamError(
        'UPSTREAM_UNAVAILABLE',
        'The upstream has failed again and again, and is left alone for a moment. Try again later.',
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

/** One circuit: open while its endpoint is left alone, but for probes. */
export class Circuit {
  /** What the last failed call failed by, in a few words; null if only another instance has seen it. */
  lastFault: string | null = null;
  readonly #policy: CircuitPolicy;
  readonly #now: () => number;
  readonly #onChange: (change: CircuitChange) => void;
  #outcomes: boolean[] = [];
  #cooldownMs: number;
  /** Until when the endpoint is left alone; null while it works. */
  #openUntil: number | null = null;
  #probesLeft = 0;
  #probesUnderWay = 0;

  constructor(policy: CircuitPolicy, now: () => number, onChange: (change: CircuitChange) => void) {
    this.#policy = policy;
    this.#cooldownMs = policy.firstCooldownMs;
    this.#now = now;
    this.#onChange = onChange;
  }

  /** Whether the endpoint is left alone, but for calls that find out whether it works again. */
  get isOpen(): boolean {
    return this.#openUntil !== null;
  }

  /** How long to stay away; 0 admits the call, as a probe if the endpoint is left alone. */
  enter(): { readonly retryAfterMs: number; readonly isProbe: boolean } {
    if (this.#openUntil === null) return { retryAfterMs: 0, isProbe: false };
    const leftMs = this.#openUntil - this.#now();
    if (leftMs > 0) return { retryAfterMs: leftMs, isProbe: false };
    if (this.#probesLeft === 0) return { retryAfterMs: this.#policy.firstCooldownMs, isProbe: false };
    this.#probesLeft -= 1;
    this.#probesUnderWay += 1;
    return { retryAfterMs: 0, isProbe: true };
  }

  /** @param isGood null if the call says nothing of the endpoint, such as one that was cancelled */
  record(isProbe: boolean, isGood: boolean | null): void {
    if (isProbe) this.#leaveProbe(isGood);
    // Calls that were under way when the circuit opened say nothing new.
    else if (isGood !== null && this.#openUntil === null) this.#leaveCall(isGood);
  }

  #leaveCall(isGood: boolean): void {
    const { recentCalls, minCalls, tolerated } = this.#policy;
    this.#outcomes.push(isGood);
    if (this.#outcomes.length > recentCalls) this.#outcomes.shift();
    const faults = this.#outcomes.filter((outcome) => !outcome).length;
    if (this.#outcomes.length >= minCalls && faults >= tolerated * this.#outcomes.length)
      this.#openAndNotify();
  }

  #leaveProbe(isGood: boolean | null): void {
    this.#probesUnderWay -= 1;
    // Another one has ended the outage meanwhile.
    if (this.#openUntil === null) return;
    if (isGood === null) this.#probesLeft += 1;
    else if (isGood) {
      this.#close();
      this.#onChange({ kind: 'close' });
    } else if (this.#probesLeft === 0 && this.#probesUnderWay === 0) {
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
    // Another instance's rest is bounded as one's own.
    this.#openUntil = this.#now() + Math.min(this.#policy.maxCooldownMs, Math.max(0, cooldownMs) || 0);
    this.#probesLeft = this.#policy.probesPerCooldown;
  }

  #close(): void {
    this.#openUntil = null;
    this.#outcomes = [];
    this.#cooldownMs = this.#policy.firstCooldownMs;
  }
}
