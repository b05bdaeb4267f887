/**
 * Whole responses for several requests: equal ones in flight share one execution, and a complete response is cached for as
 * long as its data is fresh and unchanged. Every response is sent here, with what HTTP caches need.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { MaybePromise } from '../../maybe-promise.ts';
import { afterInput } from '../../scheduler.ts';
import type { CacheDependencies } from '../../scope.ts';
import { permissionsKeyOf } from '../../callers/callers.ts';
import { callerOf, type OperationSummary, type RequestState } from '../pipeline/request-state.ts';
import { addVary, ResponseBody, sendBody } from './response.ts';

/** Headers that decide how a request is answered, and whether another site may have sent it. */
const decisiveHeaders = [
  'accept',
  'content-type',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'sec-fetch-site',
];

/** Of an entry, beside its body; the body is weighted for its encodings. */
const entryBytes = 1000;
const weightPerByte = 1.5;
const bytesPerCustomer = 100;

/** Requests with longer keys are not coalesced: thousands of them would fill the memory. */
const maxFlightKeyLength = 20_000;

interface SharedResponse {
  readonly body: ResponseBody;
  readonly dependencies: CacheDependencies;
  readonly summary: OperationSummary;
  /** Whether it has no errors, so that it may be cached. */
  readonly isComplete: boolean;
}

/** Response for the requests that wait for an equal one; `retry` if that ended early, null if it can't be shared. */
type Landing = SharedResponse | 'retry' | null;

/** A request that is being answered, and equal ones that wait for what comes of it. */
export class ResponseFlight {
  readonly key: string;
  readonly #waiting: ((landing: Landing) => void)[] = [];
  readonly #onLanded: () => void;

  constructor(key: string, onLanded: () => void = () => undefined) {
    this.key = key;
    this.#onLanded = onLanded;
  }

  join(): Promise<Landing> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  land(landing: Landing): void {
    this.#onLanded();
    for (const resolve of this.#waiting.splice(0)) resolve(landing);
  }

  /** Makes the waiting requests retry. Returns whether there were any. */
  handOver(): boolean {
    const isAwaited = this.#waiting.length > 0;
    this.land('retry');
    return isAwaited;
  }
}

interface ResponseText {
  readonly text: string;
  readonly contentType: string;
  /** Null if no operation was executed. */
  readonly dependencies: CacheDependencies | null;
}

export class ResponseCache {
  readonly #responses: LRUCache<string, SharedResponse> | null;
  readonly #flights = new Map<string, ResponseFlight>();
  readonly #clock: () => number;

  /** @param clock milliseconds since the epoch */
  constructor(maxBytes: number, clock: () => number) {
    this.#responses = maxBytes === 0 ? null : new LRUCache({ maxSize: maxBytes });
    this.#clock = clock;
  }

  /** Bytes cached, as estimated. */
  get bytes(): number {
    return this.#responses?.calculatedSize ?? 0;
  }

  /** All of a request that its response depends on; null if the caller wants it fresher, or explained. */
  keyOf({ headers, method, url, body, state }: FastifyRequest): string | null {
    if (headers['cache-control'] !== undefined || headers['x-explain'] !== undefined) return null;
    const isBrowser = headers['user-agent']?.startsWith('Mozilla/') ?? false;
    const decisive = decisiveHeaders.map((name) => headers[name]);
    return JSON.stringify([permissionsKeyOf(callerOf(state)), isBrowser, method, url, body, ...decisive]);
  }

  /**
   * The response of an equal request: cached, or that of one in flight. If there is none, a flight that equal requests join
   * from now on; none joins it if their key is too long, or if they have just waited for one that can't be shared.
   */
  find(key: string): MaybePromise<SharedResponse | ResponseFlight> {
    const found = this.#responses?.get(key);
    if (found?.dependencies.isValidAt(this.#clock()) === true) return found;
    if (found !== undefined) this.#responses?.delete(key);
    // The first that retries begins before the next one looks, so that they share its response.
    const inFlight = this.#flights.get(key);
    if (inFlight !== undefined)
      return inFlight
        .join()
        .then((landing) => (landing === 'retry' ? this.find(key) : (landing ?? new ResponseFlight(key))));
    const flight = new ResponseFlight(key, () => {
      // A later request may have taken the key.
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    if (key.length <= maxFlightKeyLength) this.#flights.set(key, flight);
    return flight;
  }

  repeat(
    reply: FastifyReply,
    { body, dependencies, summary, isComplete }: SharedResponse,
  ): Promise<FastifyReply> {
    reply.request.state.repeat(summary);
    this.#setFreshness(reply, isComplete ? dependencies : null);
    return sendBody(reply, body);
  }

  /** Sends a new response, and shares it with the requests of its flight; if it is complete, it is cached. */
  async send(
    reply: FastifyReply,
    { text, contentType, dependencies }: ResponseText,
    flight: ResponseFlight | null,
  ): Promise<FastifyReply> {
    const isResult = reply.statusCode === 200;
    const isComplete = isResult && isCompleteResult(text);
    this.#setFreshness(reply, isComplete ? dependencies : null);
    if (!isResult) {
      addVary(reply);
      return reply.header('content-type', contentType).send(text);
    }
    return sendBody(
      reply,
      await this.share({ text, contentType, dependencies }, reply.request.state, flight),
    );
  }

  /** Shares a result with the requests of its flight, and caches it if it is complete. Returns its body. */
  async share(
    { text, contentType, dependencies }: ResponseText,
    { summary }: RequestState,
    flight: ResponseFlight | null,
  ): Promise<ResponseBody> {
    const body = await ResponseBody.write(text, contentType);
    await afterInput();
    if (dependencies !== null && flight !== null) {
      const isComplete = isCompleteResult(text);
      const response = { body, dependencies, summary, isComplete };
      if (isComplete && dependencies.isValidAt(this.#clock())) this.#keep(flight.key, response);
      flight.land(response);
    }
    return body;
  }

  #keep(key: string, response: SharedResponse): void {
    const { body, summary } = response;
    body.copyFromPool();
    const size =
      entryBytes +
      2 * key.length +
      weightPerByte * body.bytes.length +
      bytesPerCustomer * summary.customers.size;
    this.#responses?.set(key, response, { size: Math.ceil(size) });
  }

  /** @param dependencies null for a response that no client may cache (RFC 9111, 5.1 and 5.2.2) */
  #setFreshness(reply: FastifyReply, dependencies: CacheDependencies | null): void {
    if (dependencies === null) reply.header('cache-control', 'no-store');
    const freshness = dependencies?.freshnessAt(this.#clock()) ?? null;
    if (freshness === null) return;
    const age = Math.floor(freshness.ageMs / 1000);
    const left = Math.floor(freshness.leftMs / 1000);
    // Other callers may see something else.
    reply.header('cache-control', `private, max-age=${age + left}`).header('age', age);
  }
}

/** Whether a result as JSON has no errors, which would come first. */
function isCompleteResult(text: string): boolean {
  return text.startsWith('{"data":');
}
