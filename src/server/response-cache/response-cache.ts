/**
 * Cache of whole responses. Equal requests in flight share one execution, and a response without errors is cached while its
 * data is fresh and unchanged. Sends every response, with the headers that HTTP caches need.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { OutputBudgets } from '../../execution/output-budget.ts';
import { isPromise, type MaybePromise } from '../../maybe-promise.ts';
import { afterInput } from '../../scheduler.ts';
import type { CacheDependencies } from '../../scope.ts';
import { permissionsKeyOf } from '../../callers/callers.ts';
import { cancelledError } from '../../transport/transport.ts';
import { callerOf, type OperationSummary, type RequestState } from '../pipeline/request-state.ts';
import { addVary, ResponseBody, sendBody } from './response.ts';

/** Headers that decide the response, or whether another site may have sent the request. */
const decisiveHeaders = [
  'accept',
  'content-type',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'sec-fetch-site',
];

/** Estimated size of an entry: a constant, its key, its customers, and its body weighted for encodings. */
const entryBytes = 1000;
const weightPerByte = 1.5;
const bytesPerCustomer = 100;

/** Longest key of coalesced requests: thousands of longer ones would fill the memory. */
const maxCoalescedKeyLength = 20_000;

/** Shorter responses go to socket buffers at once, whether they are read or not. */
const unsentBytes = 65_536;

export interface ResponseCacheEntry {
  readonly body: ResponseBody;
  readonly dependencies: CacheDependencies;
  readonly summary: OperationSummary;
  /** Whether it has no errors, and may be cached. */
  readonly isComplete: boolean;
}

/** Result for requests that wait: a response, `retry` if the first one ended early, null if it can't be shared. */
type PendingResult = ResponseCacheEntry | 'retry' | null;

/** Response of a request in flight, with the equal requests that wait for it. */
export class PendingResponse {
  readonly key: string;
  readonly #waiting = new Set<(result: PendingResult) => void>();
  readonly #onComplete: () => void;

  constructor(key: string, onComplete: () => void = () => undefined) {
    this.key = key;
    this.#onComplete = onComplete;
  }

  /** Rejects with REQUEST_CANCELLED if the caller of the joining request cancels it, or disconnects. */
  join(state: RequestState): Promise<PendingResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve);
      state.whenCancelled(() => {
        if (this.#waiting.delete(resolve)) reject(cancelledError('none'));
      });
    });
  }

  complete(result: PendingResult): void {
    this.#onComplete();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve(result);
  }

  /** Makes the waiting requests retry; returns whether there are any. */
  handOver(): boolean {
    const isAwaited = this.#waiting.size > 0;
    this.complete('retry');
    return isAwaited;
  }
}

interface ResponseText {
  /** JSON text of the response, in order. */
  readonly pieces: readonly string[];
  readonly contentType: string;
  /** Null if no operation was executed. */
  readonly dependencies: CacheDependencies | null;
}

export class ResponseCache {
  readonly #responses: LRUCache<string, ResponseCacheEntry> | null;
  readonly #inFlight = new Map<string, PendingResponse>();
  readonly #clock: () => number;
  readonly #outputBudgets: OutputBudgets;

  /** @param clock milliseconds since the epoch */
  constructor(maxBytes: number, clock: () => number, outputBudgets: OutputBudgets) {
    this.#responses = maxBytes === 0 ? null : new LRUCache({ maxSize: maxBytes });
    this.#clock = clock;
    this.#outputBudgets = outputBudgets;
  }

  /** Estimated size of the cache. */
  get bytes(): number {
    return this.#responses?.calculatedSize ?? 0;
  }

  /** Returns the cache key of a request; null if it has Cache-Control or X-Explain. */
  keyOf({ headers, method, url, body, state }: FastifyRequest): string | null {
    if (headers['cache-control'] !== undefined || headers['x-explain'] !== undefined) return null;
    const isBrowser = headers['user-agent']?.startsWith('Mozilla/') ?? false;
    const decisive = decisiveHeaders.map((name) => headers[name]);
    return JSON.stringify([permissionsKeyOf(callerOf(state)), isBrowser, method, url, body, ...decisive]);
  }

  /**
   * Answers a request with the response of an equal one, cached or in flight, or executes it.
   *
   * @param key shared by equal requests; null to execute the request in any case
   * @param repeat returns an answer from a shared response
   * @param execute returns an answer, and may complete the pending response, which is null without a key
   * @throws UpstreamError if the caller cancels the request while it waits for an equal one
   */
  async shareExecution<Answer>(
    key: string | null,
    state: RequestState,
    repeat: (response: ResponseCacheEntry) => MaybePromise<Answer>,
    execute: (pending: PendingResponse | null) => Promise<Answer>,
  ): Promise<Answer> {
    const finding = key === null ? null : this.#find(key, state);
    const found = isPromise(finding) ? await finding : finding;
    if (found !== null && !(found instanceof PendingResponse)) {
      if (found.body.bytes.length > unsentBytes) state.whenClosed(found.body.hold(this.#outputBudgets));
      if (found === finding) await afterInput();
      state.repeat(found.summary);
      return repeat(found);
    }
    state.handOver = () => found?.handOver() ?? false;
    try {
      return await execute(found);
    } finally {
      found?.complete(null);
    }
  }

  /**
   * Returns the response of an equal request, cached or in flight. If there is none, returns a pending response, which
   * equal requests join unless the key is too long, or they have just waited for a response that can't be shared.
   */
  #find(key: string, state: RequestState): MaybePromise<ResponseCacheEntry | PendingResponse> {
    const found = this.#responses?.get(key);
    if (found?.dependencies.isValidAt(this.#clock()) === true) return found;
    if (found !== undefined) this.#responses?.delete(key);
    // The first to retry is registered before the next one looks, so that they share its response.
    const inFlight = this.#inFlight.get(key);
    if (inFlight !== undefined)
      return inFlight
        .join(state)
        .then((result) =>
          result === 'retry' ? this.#find(key, state) : (result ?? new PendingResponse(key)),
        );
    const pending = new PendingResponse(key, () => {
      // A later request may have the key by now.
      if (this.#inFlight.get(key) === pending) this.#inFlight.delete(key);
    });
    if (key.length <= maxCoalescedKeyLength) this.#inFlight.set(key, pending);
    return pending;
  }

  /** Sends a shared response. */
  repeat(reply: FastifyReply, { body, dependencies, isComplete }: ResponseCacheEntry): Promise<FastifyReply> {
    this.#setFreshness(reply, isComplete ? dependencies : null);
    return sendBody(reply, body);
  }

  /** Sends a new response, shares it with the requests that wait, and caches it if it has no errors. */
  async send(
    reply: FastifyReply,
    { pieces, contentType, dependencies }: ResponseText,
    pending: PendingResponse | null,
  ): Promise<FastifyReply> {
    const isResult = reply.statusCode === 200;
    const isComplete = isResult && isCompleteResult(pieces);
    this.#setFreshness(reply, isComplete ? dependencies : null);
    if (!isResult) {
      addVary(reply);
      return reply.header('content-type', contentType).send(pieces.join(''));
    }
    return sendBody(
      reply,
      await this.share({ pieces, contentType, dependencies }, reply.request.state, pending),
    );
  }

  /** Shares a result with the requests that wait, and caches it if it has no errors. Returns its body. */
  async share(
    { pieces, contentType, dependencies }: ResponseText,
    { summary }: RequestState,
    pending: PendingResponse | null,
  ): Promise<ResponseBody> {
    const body = await ResponseBody.write(pieces, contentType);
    await afterInput();
    if (dependencies !== null && pending !== null) {
      const isComplete = isCompleteResult(pieces);
      const response = { body, dependencies, summary, isComplete };
      if (isComplete && dependencies.isValidAt(this.#clock())) this.#cache(pending.key, response);
      pending.complete(response);
    }
    return body;
  }

  #cache(key: string, response: ResponseCacheEntry): void {
    const { body, summary } = response;
    body.copyFromPool();
    const size =
      entryBytes +
      2 * key.length +
      weightPerByte * body.bytes.length +
      bytesPerCustomer * summary.customers.size;
    this.#responses?.set(key, response, { size: Math.ceil(size) });
  }

  /** @param dependencies null for `no-store` (RFC 9111, 5.1 and 5.2.2) */
  #setFreshness(reply: FastifyReply, dependencies: CacheDependencies | null): void {
    if (dependencies === null) reply.header('cache-control', 'no-store');
    const freshness = dependencies?.freshnessAt(this.#clock()) ?? null;
    if (freshness === null) return;
    const age = Math.floor(freshness.ageMs / 1000);
    const left = Math.floor(freshness.leftMs / 1000);
    // Private: other callers may see other data.
    reply.header('cache-control', `private, max-age=${age + left}`).header('age', age);
  }
}

/** Whether a JSON result has no errors; they would come first. */
function isCompleteResult([first = '']: readonly string[]): boolean {
  return first.startsWith('{"data":');
}
