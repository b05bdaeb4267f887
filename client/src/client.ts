/** Asks a gateway by fetch, with typed documents of its own or of yours. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { createClient as createEventClient } from 'graphql-sse';
import {
  ProtectionReportDocument,
  type CustomerFilter,
  type ProtectionReportSubscription,
} from './generated/operations.ts';
import {
  outcomeOfBody,
  outcomeOfFailure,
  outcomeOfResponse,
  RequestFailedError,
  type Failure,
  type Outcome,
} from './outcome.ts';

export interface ClientOptions {
  /** Of the GraphQL endpoint, such as `https://graph.example.com/graphql`. */
  readonly url: string | URL;
  /** Sent with each request; a function is asked before each, so that a token may be renewed. */
  readonly headers?: Headers | (() => Headers | Promise<Headers>);
  /** By default, the platform's. */
  readonly fetch?: typeof fetch;
}

type Headers = Readonly<Record<string, string>>;

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly headers?: Headers;
  /** How old the data may be, in seconds; 0 asks the upstream anew. Without it, the gateway's settings decide. */
  readonly maxAgeSeconds?: number;
}

/** A window of a list, as far as iteration looks at it. */
export interface Window<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface Client {
  /** Never rejects: all that can become of the request is an outcome. */
  readonly request: <Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ) => Promise<Outcome<Data>>;
  /**
   * The windows of a list, one after the other; the next is asked for when it is wanted. Throws RequestFailedError for
   * one that is not complete, and when the signal aborts.
   *
   * @param document with a variable `after`
   * @param windowOf the list within the data; null where there is none, which ends the iteration
   */
  readonly windows: <Data, Variables extends { after?: string | null | undefined }, Node>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    windowOf: (data: Data) => Window<Node> | null | undefined,
    options?: RequestOptions,
  ) => AsyncGenerator<Window<Node>, void, undefined>;
  /** As `windows`, row by row. */
  readonly nodes: <Data, Variables extends { after?: string | null | undefined }, Node>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    windowOf: (data: Data) => Window<Node> | null | undefined,
    options?: RequestOptions,
  ) => AsyncGenerator<Node, void, undefined>;
  /**
   * The report on many customers, event by event; leaving the iteration ends it. Throws RequestFailedError if it is
   * refused, breaks off, or the signal aborts.
   */
  readonly report: (
    filter?: CustomerFilter | null,
    options?: Pick<RequestOptions, 'signal' | 'headers'>,
  ) => AsyncGenerator<ProtectionReportSubscription['protectionReport'], void, undefined>;
}

export function createClient({ url, headers = {}, fetch: fetchAny = fetch }: ClientOptions): Client {
  /** Follows no redirect, which could take a key to another server. */
  const send: typeof fetch = (input, init) => fetchAny(input, { ...init, redirect: 'error' });
  const commonHeaders = async () => (typeof headers === 'function' ? headers() : headers);

  const request: Client['request'] = async (document, variables, options = {}) => {
    const { signal, maxAgeSeconds } = options;
    try {
      signal?.throwIfAborted();
      const response = await send(url, {
        method: 'POST',
        headers: {
          accept: 'application/graphql-response+json, application/json;q=0.9',
          'content-type': 'application/json',
          ...(maxAgeSeconds === undefined ? {} : { 'cache-control': `max-age=${maxAgeSeconds}` }),
          ...(await commonHeaders()),
          ...options.headers,
        },
        body: JSON.stringify({ query: print(document), variables }),
        signal: signal ?? null,
      });
      return await outcomeOfResponse(response);
    } catch (cause) {
      return outcomeOfFailure(cause, signal);
    }
  };

  const windows: Client['windows'] = async function* (document, variables, windowOf, options) {
    let after = variables.after;
    for (;;) {
      const outcome = await request(document, { ...variables, after }, options);
      if (outcome.kind !== 'complete') throw new RequestFailedError(outcome);
      const window = windowOf(outcome.data);
      if (window === null || window === undefined) return;
      yield window;
      const { hasNextPage, endCursor } = window.pageInfo;
      if (!hasNextPage) return;
      if (endCursor === null || endCursor === after) {
        const reason = 'the list goes on, and its endCursor does not';
        throw new RequestFailedError({ kind: 'invalid', status: 200, retryAfterSeconds: null, reason });
      }
      after = endCursor;
    }
  };

  return {
    request,
    windows,
    nodes: async function* (document, variables, windowOf, options) {
      for await (const { nodes } of windows(document, variables, windowOf, options)) {
        for (const node of nodes) {
          throwIfAborted(options?.signal);
          yield node;
        }
      }
    },
    report: async function* (filter = null, { signal, headers: own } = {}) {
      throwIfAborted(signal);
      const refusals: Failure[] = [];
      const events = createEventClient({
        url: String(url),
        headers: { ...(await commonHeaders()), ...own },
        fetchFn: async (...asked: Parameters<typeof fetch>) => {
          const response = await send(...asked);
          const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
          if (!response.ok || !isStream) refusals.push(await refusalOf(response.clone()));
          return response;
        },
        // Asked again, a report begins anew: whether to do so is the reader's choice.
        retryAttempts: 0,
      });
      const leave = () => {
        events.dispose();
      };
      signal?.addEventListener('abort', leave, { once: true });
      try {
        const asked = { query: print(ProtectionReportDocument), variables: { filter } };
        let isOver = false;
        for await (const result of events.iterate<ProtectionReportSubscription>(asked)) {
          throwIfAborted(signal);
          const outcome = outcomeOfBody<ProtectionReportSubscription>(result);
          if (outcome.kind !== 'complete') throw new RequestFailedError(outcome);
          const { protectionReport } = outcome.data;
          isOver = protectionReport.totals !== null;
          yield protectionReport;
        }
        if (!isOver) throw new Error('The report broke off before its totals.');
      } catch (error) {
        if (error instanceof RequestFailedError) throw error;
        throw new RequestFailedError(refusals[0] ?? outcomeOfFailure(error, signal));
      } finally {
        signal?.removeEventListener('abort', leave);
        leave();
      }
    },
  };
}

/** What came instead of a stream of events. */
async function refusalOf(response: Response): Promise<Failure> {
  const { status } = response;
  const outcome = await outcomeOfResponse(response);
  if (outcome.kind !== 'complete') return outcome;
  return { kind: 'invalid', status, retryAfterSeconds: null, reason: 'it is a single result, not a stream' };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new RequestFailedError(outcomeOfFailure(signal.reason, signal));
}
