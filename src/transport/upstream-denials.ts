/**
 * Circuit breakers for denials of the gateway itself: 401 with a new token, and 403. Retries fix neither, so a few
 * calls probe whether the operator or the vendor has.
 * A 401 concerns the token and so the whole API, unless other endpoints accept it. A 403 may concern one customer: it
 * opens the circuit of its path, and others only if no call has succeeded for a while.
 */
import { UpstreamError } from '../errors.ts';
import { Circuit, denialPolicy, type CircuitPolicy } from './circuit-breaker.ts';
import type { Transport, TransportRequest } from './transport.ts';

export interface DenialsOptions {
  /** Milliseconds; monotonic. */
  readonly now?: () => number;
  /** Called with all current denials whenever they change. */
  readonly onChange?: (denials: readonly UpstreamDenial[]) => void;
}

export interface UpstreamDenial {
  readonly status: 401 | 403;
  /** Null if all endpoints are denied. */
  readonly endpoint: string | null;
  /** The permission that the endpoint requires; null if unknown. */
  readonly permission: string | null;
}

/** For a whole endpoint or the API, where denials for some customers are normal. */
const forbiddingPolicy: CircuitPolicy = { ...denialPolicy, recentCalls: 12, minCalls: 12 };
/** Within this time after a success, a 403 concerns only its own path. */
const recentAnswerMs = 60_000;
const maxPaths = 1000;
const wholeApi = '';

/** A circuit, and the status that it counts. */
interface DenialCircuit {
  readonly circuit: Circuit;
  readonly status: 401 | 403;
  /** Endpoint or API: a 403 counts only if no call has succeeded for a while. */
  readonly scope: string | null;
}

/** Circuits of one upstream for denials: of the API, of endpoints and of paths. */
export class Denials {
  readonly #now: () => number;
  readonly #onChange: (denials: readonly UpstreamDenial[]) => void;
  readonly #circuits = new Map<string, Circuit>();
  /** By path, least recently denied first. */
  readonly #paths = new Map<string, Circuit>();
  readonly #answeredAt = new Map<string, number>();
  readonly #open = new Map<Circuit, UpstreamDenial>();

  constructor({ now = () => performance.now(), onChange = () => undefined }: DenialsOptions = {}) {
    this.#now = now;
    this.#onChange = onChange;
  }

  /** Whether nothing has been denied so far; calls then pass no circuits. */
  get isEmpty(): boolean {
    return this.#circuits.size === 0 && this.#paths.size === 0;
  }

  /** Records the response of a call that has passed no circuits. */
  countFirst(request: TransportRequest, status: number): void {
    if (status === 401 || status === 403)
      this.count(
        request,
        this.gatesOf(request).map((gate) => ({ gate, isProbe: false })),
        status,
      );
    else if (isGood(status)) this.#recordAnswer(request);
  }

  /** The circuits that a call must pass. */
  gatesOf(request: TransportRequest): readonly DenialCircuit[] {
    const { endpoint } = request;
    const path = this.#paths.get(pathOf(request));
    return [
      ...[wholeApi, endpoint].map((scope) => ({
        circuit: this.#circuitOf(401, scope, request),
        status: 401 as const,
        scope: null,
      })),
      ...[wholeApi, endpoint].map((scope) => ({
        circuit: this.#circuitOf(403, scope, request),
        status: 403 as const,
        scope,
      })),
      ...(path === undefined ? [] : [{ circuit: path, status: 403 as const, scope: null }]),
    ];
  }

  /** Records the response of a call that passed these gates, possibly as a probe. */
  count(
    request: TransportRequest,
    passed: readonly { readonly gate: DenialCircuit; readonly isProbe: boolean }[],
    status: number | null,
  ): void {
    const isDenial = status === 401 || status === 403;
    const isAnswer = isDenial || isGood(status);
    for (const { gate, isProbe } of passed) {
      const { circuit, scope } = gate;
      if (!isAnswer || (gate.status === 403 && status === 401)) circuit.record(isProbe, null);
      else if (status !== gate.status) circuit.record(isProbe, true);
      else circuit.record(isProbe, isProbe || scope === null || !this.#hasAnswered(scope) ? false : null);
    }
    if (isAnswer && !isDenial) {
      this.#recordAnswer(request);
      this.#removePath(pathOf(request));
    } else if (status === 403) this.#openPath(request);
  }

  #recordAnswer({ endpoint }: TransportRequest): void {
    const now = this.#now();
    this.#answeredAt.set(wholeApi, now);
    this.#answeredAt.set(endpoint, now);
  }

  #hasAnswered(scope: string): boolean {
    return this.#now() - (this.#answeredAt.get(scope) ?? -Infinity) < recentAnswerMs;
  }

  #openPath(request: TransportRequest): void {
    const path = pathOf(request);
    const known = this.#paths.get(path);
    const circuit = known ?? this.#create(denialPolicy, denialOf(403, request));
    if (known === undefined) circuit.record(false, false);
    this.#paths.delete(path);
    this.#paths.set(path, circuit);
    for (const oldest of this.#paths.keys()) {
      if (this.#paths.size <= maxPaths) break;
      this.#removePath(oldest);
    }
  }

  #removePath(path: string): void {
    const circuit = this.#paths.get(path);
    if (circuit === undefined) return;
    this.#paths.delete(path);
    if (this.#open.delete(circuit)) this.#notify();
  }

  #circuitOf(status: 401 | 403, scope: string, request: TransportRequest): Circuit {
    const key = `${status} ${scope}`;
    let circuit = this.#circuits.get(key);
    if (circuit === undefined) {
      const denial = denialOf(status, scope === wholeApi ? null : request);
      circuit = this.#create(status === 401 ? denialPolicy : forbiddingPolicy, denial);
      this.#circuits.set(key, circuit);
    }
    return circuit;
  }

  #create(policy: CircuitPolicy, denial: UpstreamDenial): Circuit {
    const circuit: Circuit = new Circuit(policy, this.#now, ({ kind }) => {
      if (this.#open.has(circuit) === (kind === 'open')) return;
      if (kind === 'open') this.#open.set(circuit, denial);
      else this.#open.delete(circuit);
      this.#notify();
    });
    return circuit;
  }

  #notify(): void {
    const byName = new Map(
      [...this.#open.values()].map((denial) => [`${denial.status} ${denial.endpoint}`, denial]),
    );
    this.#onChange([...byName.values()]);
  }
}

/** Whether a response shows that the API accepts such calls. */
function isGood(status: number | null): boolean {
  return status !== null && status < 500 && ![401, 403, 408, 429].includes(status);
}

function denialOf(status: 401 | 403, request: TransportRequest | null): UpstreamDenial {
  return { status, endpoint: request?.endpoint ?? null, permission: request?.permission ?? null };
}

/** Rejects without a call, like a denied call, while the circuit is open. */
export function withDenialBreaker(next: Transport, denials: Denials): Transport {
  return async (request, scope) => {
    if (denials.isEmpty) {
      const response = await next(request, scope);
      denials.countFirst(request, response.status);
      return response;
    }
    const passed: { readonly gate: DenialCircuit; readonly isProbe: boolean }[] = [];
    for (const gate of denials.gatesOf(request)) {
      const { retryAfterMs, isProbe } = gate.circuit.enter();
      if (retryAfterMs > 0) {
        for (const each of passed) each.gate.circuit.record(each.isProbe, null);
        throw deniedCall(request, gate.status);
      }
      passed.push({ gate, isProbe });
    }
    let status: number | null = null;
    try {
      const response = await next(request, scope);
      ({ status } = response);
      return response;
    } finally {
      denials.count(request, passed, status);
    }
  };
}

function pathOf({ method, path }: TransportRequest): string {
  return `${method} ${path.replace(/\?.*$/s, '')}`;
}

function deniedCall({ endpoint, permission }: TransportRequest, status: 401 | 403): UpstreamError {
  const details = { endpoint, status, notSent: true as const };
  if (status === 401) {
    return new UpstreamError(
      'UPSTREAM_UNAUTHENTICATED',
      "The upstream refuses the gateway's access tokens.",
      details,
    );
  }
  return new UpstreamError(
    'UPSTREAM_FORBIDDEN',
    `The upstream forbids this call.${permission === undefined ? '' : ` The app registration needs the permission ${permission}, and the customer must be in its scope.`}`,
    { ...details, ...(permission === undefined ? {} : { permission }) },
  );
}
