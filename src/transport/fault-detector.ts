/** Detects lasting faults of a service, or of the gateway's calls to it. */
import { monotonicClock } from '../clock.ts';
import { UpstreamError } from '../errors.ts';
import { explainFailure, type Service } from './failure-cause.ts';
import { isHtml, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

export interface FaultDetectorOptions {
  /** Called with the reason as soon as it is known, and with null when a call succeeds again. */
  readonly onFault: (text: string | null) => void;
  /**
   * Called with the reason why requests are rejected regardless of their content, and with null when they are accepted.
   */
  readonly onRejection: (text: string | null) => void;
  /** Milliseconds since the epoch; monotonic. */
  readonly now?: () => number;
}

/** Consecutive failures that can't be random: of connections, and invalid responses, which are rarer. */
const failuresInARow = 8;
const spoiledInARow = 4;

/** Consecutive rejections of requests for a whole list, or of different requests before the first success. */
const rejectedLists = 4;
const rejectedThings = 8;
/** Time during which every call is rate limited; bursts are shorter. */
const limitedMs = 10_000;

const noContent = 204;
const tooManyRequests = 429;
/** Caused by the token, its permissions, a slow request or the rate, not by the request's content. */
const otherStatuses = [401, 403, 408, tooManyRequests];

/**
 * Watches the calls of a service. A response of any status is a success, unless it is a redirect, an HTML page, or not
 * a JSON object or array, or every call is rate limited.
 */
export function withFaultDetector(
  next: Transport,
  service: Service,
  { onFault, onRejection, now = monotonicClock }: FaultDetectorOptions,
): Transport {
  const place = `${service.name} at ${service.url.host}`;
  const rejections = new RejectionDetector((what) => {
    onRejection(
      what === null
        ? null
        : `${place} ${what}: check the path and the version in ${service.setting}, and whether a proxy is in between.`,
    );
  });
  let failures = 0;
  let hasFault = false;
  let limitedSince: number | null = null;
  const fail = (text: string, inARow: number) => {
    failures += 1;
    if (failures < inARow) return;
    hasFault = true;
    onFault(text);
  };
  const succeed = () => {
    failures = 0;
    if (hasFault) onFault(null);
    hasFault = false;
  };
  return async (request, scope) => {
    try {
      const response = await next(request, scope);
      const { status } = response;
      const oddity = oddityOf(response);
      limitedSince = status === tooManyRequests ? (limitedSince ?? now()) : null;
      if (limitedSince !== null && now() - limitedSince >= limitedMs)
        fail(
          `${place} refuses every call for its rate (status ${status}) since ${new Date(limitedSince).toISOString()}: check AVEPOINT_CALLS_PER_SECOND, and what else calls it with the same app registration.`,
          1,
        );
      else if (oddity === null) succeed();
      else
        fail(
          `${place} ${oddity}: check ${service.setting}, and whether a proxy or a login page is in between.`,
          spoiledInARow,
        );
      if (oddity === null) rejections.count(request, status);
      return response;
    } catch (error) {
      if (error instanceof UpstreamError) {
        const { code } = error;
        const saysNothing = error.details.notSent === true || code === 'REQUEST_CANCELLED';
        if (!saysNothing) {
          const { text, isLasting } = explainFailure(error, service);
          const inARow = code === 'UPSTREAM_INVALID_RESPONSE' ? spoiledInARow : failuresInARow;
          fail(text, isLasting ? 1 : inARow);
        }
      }
      throw error;
    }
  };
}

/** What is wrong with a response, if no request to an API can cause it; else null. */
function oddityOf(response: TransportResponse): string | null {
  const { status, body } = response;
  if (status >= 300 && status < 400)
    return `answers with a redirect, which is not followed (status ${status})`;
  if (status >= 300 || status === noContent) return null;
  if (isHtml(response)) return `answers with a page of HTML instead of JSON (status ${status})`;
  return /^\s{0,100}[[{]/.test(body)
    ? null
    : `answers with a body that is no JSON object or array (status ${status})`;
}

/**
 * Detects that requests are rejected regardless of their content. Rejections of look-ups and of one customer's list
 * count only before the first success, if many different requests are rejected.
 */
class RejectionDetector {
  readonly #onFault: (what: string | null) => void;
  /** Consecutive rejections of requests for the whole list, by endpoint. */
  readonly #lists = new Map<string, number>();
  /** Other requests that were rejected; null after the first success. */
  #things: Set<string> | null = new Set();
  #lastStatus = 0;
  #fault: string | null = null;

  constructor(onFault: (what: string | null) => void) {
    this.#onFault = onFault;
  }

  count(request: TransportRequest, status: number): void {
    if (status < 300) this.#accept(request);
    else if (status < 500 && !otherStatuses.includes(status)) this.#reject(request, status);
  }

  #accept({ endpoint }: TransportRequest): void {
    this.#things = null;
    this.#lists.delete(endpoint);
    if (this.#fault === null) return;
    this.#fault = this.#findFault();
    this.#onFault(this.#fault);
  }

  #reject({ endpoint, path, body = () => '' }: TransportRequest, status: number): void {
    const filter = body();
    const isWholeList = !endpoint.includes('{') && (filter === '' || filter === '{}');
    if (isWholeList) this.#lists.set(endpoint, (this.#lists.get(endpoint) ?? 0) + 1);
    else if (this.#things !== null && this.#things.size < rejectedThings) this.#things.add(path + filter);
    this.#lastStatus = status;
    // One cause has one text, whatever else is rejected meanwhile.
    this.#fault ??= this.#findFault();
    if (this.#fault !== null) this.#onFault(this.#fault);
  }

  #findFault(): string | null {
    for (const [endpoint, inARow] of this.#lists) {
      if (inARow >= rejectedLists)
        return `refuses ${endpoint} whatever is asked for (status ${this.#lastStatus})`;
    }
    return this.#things?.size === rejectedThings
      ? `has refused every call so far (status ${this.#lastStatus})`
      : null;
  }
}
