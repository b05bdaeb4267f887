/**
 * Leaves an API alone that refuses the gateway itself: by 401 with tokens that are new, or by 403. A repetition mends
 * neither, so that few calls find out whether the operator or the vendor has.
 *
 * A 401 is about the token, and so about the whole API, unless other endpoints accept it. A 403 may be about one customer:
 * it closes its own path, and more only if nothing else has been answered for a while.
 */
import { UpstreamError } from '../errors.ts';
import { Circuit, refusalPolicy, type CircuitPolicy } from './circuit-breaker.ts';
import type { Transport, TransportRequest } from './transport.ts';

export interface RefusalsOptions {
  /** Milliseconds; it never goes back. */
  readonly now?: () => number;
  /** Notified of all that is refused, whenever that changes. */
  readonly onChange?: (refusals: readonly UpstreamRefusal[]) => void;
}

/** What the upstream refuses the gateway at the moment. */
export interface UpstreamRefusal {
  readonly status: 401 | 403;
  /** Null for every endpoint. */
  readonly endpoint: string | null;
  /** The permission that the endpoint requires; null if it is not known. */
  readonly permission: string | null;
}

/** Of a whole endpoint or the API, which forbids calls for some customers as a matter of course. */
const forbiddingPolicy: CircuitPolicy = { ...refusalPolicy, recentCalls: 12, minCalls: 12 };
/** While an endpoint has answered within this time, a 403 is about its path alone. */
const recentAnswerMs = 60_000;
const maxPaths = 1000;
const wholeApi = '';

/** One circuit, and what a call must show to count for it. */
interface Gate {
  readonly circuit: Circuit;
  readonly status: 401 | 403;
  /** Of endpoints or the API: a call is judged only if none has been answered for a while. */
  readonly scope: string | null;
}

/** The circuits of one upstream that refusals open: of the API, of endpoints and of paths. */
export class Refusals {
  readonly #now: () => number;
  readonly #onChange: (refusals: readonly UpstreamRefusal[]) => void;
  readonly #circuits = new Map<string, Circuit>();
  /** By path, the least recently refused first. */
  readonly #paths = new Map<string, Circuit>();
  readonly #answeredAt = new Map<string, number>();
  readonly #open = new Map<Circuit, UpstreamRefusal>();

  constructor({ now = () => performance.now(), onChange = () => undefined }: RefusalsOptions = {}) {
    this.#now = now;
    this.#onChange = onChange;
  }

  /** Whether nothing was refused so far, so that calls pass no circuits. */
  get areNone(): boolean {
    return this.#circuits.size === 0 && this.#paths.size === 0;
  }

  /** Counts the answer of a call that has passed no circuits. */
  countFirst(request: TransportRequest, status: number): void {
    if (status === 401 || status === 403)
      this.count(
        request,
        this.gatesOf(request).map((gate) => ({ gate, isProbe: false })),
        status,
      );
    else if (isGood(status)) this.#noteAnswer(request);
  }

  /** The circuits that a call passes. */
  gatesOf(request: TransportRequest): readonly Gate[] {
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

  /** Counts the answer of a call that passed these gates, each as a probe or not. */
  count(
    request: TransportRequest,
    passed: readonly { readonly gate: Gate; readonly isProbe: boolean }[],
    status: number | null,
  ): void {
    const isRefusal = status === 401 || status === 403;
    const isAnswer = isRefusal || isGood(status);
    for (const { gate, isProbe } of passed) {
      const { circuit, scope } = gate;
      if (!isAnswer || (gate.status === 403 && status === 401)) circuit.record(isProbe, null);
      else if (status !== gate.status) circuit.record(isProbe, true);
      else circuit.record(isProbe, isProbe || scope === null || !this.#hasAnswered(scope) ? false : null);
    }
    if (isAnswer && !isRefusal) {
      this.#noteAnswer(request);
      this.#forgetPath(pathOf(request));
    } else if (status === 403) this.#rememberPath(request);
  }

  #noteAnswer({ endpoint }: TransportRequest): void {
    const now = this.#now();
    this.#answeredAt.set(wholeApi, now);
    this.#answeredAt.set(endpoint, now);
  }

  #hasAnswered(scope: string): boolean {
    return this.#now() - (this.#answeredAt.get(scope) ?? -Infinity) < recentAnswerMs;
  }

  #rememberPath(request: TransportRequest): void {
    const path = pathOf(request);
    const known = this.#paths.get(path);
    const circuit = known ?? this.#create(refusalPolicy, refusalOf(403, request));
    if (known === undefined) circuit.record(false, false);
    this.#paths.delete(path);
    this.#paths.set(path, circuit);
    for (const oldest of this.#paths.keys()) {
      if (this.#paths.size <= maxPaths) break;
      this.#forgetPath(oldest);
    }
  }

  #forgetPath(path: string): void {
    const circuit = this.#paths.get(path);
    if (circuit === undefined) return;
    this.#paths.delete(path);
    if (this.#open.delete(circuit)) this.#notify();
  }

  #circuitOf(status: 401 | 403, scope: string, request: TransportRequest): Circuit {
    const key = `${status} ${scope}`;
    let circuit = this.#circuits.get(key);
    if (circuit === undefined) {
      const refusal = refusalOf(status, scope === wholeApi ? null : request);
      circuit = this.#create(status === 401 ? refusalPolicy : forbiddingPolicy, refusal);
      this.#circuits.set(key, circuit);
    }
    return circuit;
  }

  #create(policy: CircuitPolicy, refusal: UpstreamRefusal): Circuit {
    const circuit: Circuit = new Circuit(policy, this.#now, ({ kind }) => {
      if (this.#open.has(circuit) === (kind === 'open')) return;
      if (kind === 'open') this.#open.set(circuit, refusal);
      else this.#open.delete(circuit);
      this.#notify();
    });
    return circuit;
  }

  #notify(): void {
    const byName = new Map(
      [...this.#open.values()].map((refusal) => [`${refusal.status} ${refusal.endpoint}`, refusal]),
    );
    this.#onChange([...byName.values()]);
  }
}

/** Whether an answer shows that the API accepts such calls. */
function isGood(status: number | null): boolean {
  return status !== null && status < 500 && ![401, 403, 408, 429].includes(status);
}

function refusalOf(status: 401 | 403, request: TransportRequest | null): UpstreamRefusal {
  return { status, endpoint: request?.endpoint ?? null, permission: request?.permission ?? null };
}

/** Rejects as a refused call does, without a call, while the API refuses such calls. */
export function withRefusalBreaker(next: Transport, refusals: Refusals): Transport {
  return async (request, scope) => {
    if (refusals.areNone) {
      const response = await next(request, scope);
      refusals.countFirst(request, response.status);
      return response;
    }
    const passed: { readonly gate: Gate; readonly isProbe: boolean }[] = [];
    for (const gate of refusals.gatesOf(request)) {
      const { retryAfterMs, isProbe } = gate.circuit.enter();
      if (retryAfterMs > 0) {
        for (const each of passed) each.gate.circuit.record(each.isProbe, null);
        throw refusedCall(request, gate.status);
      }
      passed.push({ gate, isProbe });
    }
    let status: number | null = null;
    try {
      const response = await next(request, scope);
      ({ status } = response);
      return response;
    } finally {
      refusals.count(request, passed, status);
    }
  };
}

function pathOf({ method, path }: TransportRequest): string {
  return `${method} ${path.replace(/\?.*$/s, '')}`;
}

function refusedCall({ endpoint, permission }: TransportRequest, status: 401 | 403): UpstreamError {
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
