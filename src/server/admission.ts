/**
 * Which requests are let in: none while the gateway shuts down, and no more than it can answer in time. Whoever is not
 * let in is told so at once, and when to come back.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../errors.ts';
import { takeTurn, turnDelayMs } from '../turns.ts';

export interface AdmissionOptions {
  /** Requests that are being answered at once. */
  readonly maxRequests: number;
  /** How long requests may wait for their turn at the event loop before no more are let in. */
  readonly maxDelayMs: number;
}

/** The request has not been looked at; another instance, or this one in a moment, will answer it. */
export class RefusedRequestError extends Refusal {
  override readonly name = 'RefusedRequestError';
  readonly status = 503;
  override readonly retryAfter = 1;
  readonly code: 'OVERLOADED' | 'SHUTTING_DOWN';

  constructor(code: 'OVERLOADED' | 'SHUTTING_DOWN') {
    super(
      code === 'OVERLOADED'
        ? 'The gateway has more to do than it can do in time. Try again in a moment.'
        : 'The gateway is shutting down. Try again: another one will answer.',
    );
    this.code = code;
  }
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #arrivals = new WeakMap<FastifyRequest, number>();
  #requests = 0;
  #isClosed = false;
  #lastTurnedAwayAt = -Infinity;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  get requestsInFlight(): number {
    return this.#requests;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** When somebody was last told that the gateway shuts down, by `performance.now()`. */
  get lastTurnedAwayAt(): number {
    return this.#lastTurnedAwayAt;
  }

  /** Lets nobody in any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** Guards the routes of a Fastify scope. */
  guard(scope: FastifyInstance): void {
    scope.addHook('onRequest', (request, reply, done) => {
      this.#arrivals.set(request, performance.now());
      const refusal = this.#refusal();
      if (refusal === null) this.#count(request, reply);
      done(refusal ?? undefined);
    });
    scope.addHook('preHandler', (request, _reply, done) => {
      takeTurn(() => {
        // Whoever has gone meanwhile needs no answer.
        if (this.#arrivals.has(request)) done();
      });
    });
    scope.addHook('onSend', (_request, reply, _payload, done) => {
      // So that its caller's next request goes to another instance.
      if (this.#isClosed) reply.header('connection', 'close');
      done();
    });
  }

  /** When a request came, before it waited for its turn; by `performance.now()`. */
  arrivedAt(request: FastifyRequest): number {
    return this.#arrivals.get(request) ?? performance.now();
  }

  #refusal(): RefusedRequestError | null {
    if (this.#isClosed) {
      this.#lastTurnedAwayAt = performance.now();
      return new RefusedRequestError('SHUTTING_DOWN');
    }
    const { maxRequests, maxDelayMs } = this.#options;
    const isOverloaded = this.#requests >= maxRequests || turnDelayMs() > maxDelayMs;
    return isOverloaded ? new RefusedRequestError('OVERLOADED') : null;
  }

  #count(request: FastifyRequest, reply: FastifyReply): void {
    this.#requests += 1;
    reply.raw.once('close', () => {
      this.#requests -= 1;
      this.#arrivals.delete(request);
    });
  }
}
