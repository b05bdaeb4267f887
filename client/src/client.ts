/** Sends typed documents, the package's or yours, to a gateway by fetch. */
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
  /** URL of the GraphQL endpoint, such as `https://graph.example.com/graphql`. */
  readonly url: string | URL;
  /** Headers of each request. A function is called before each, and can renew a token. */
  readonly headers?: Headers | (() => Headers | Promise<Headers>);
  /** The platform's `fetch` by default. */
  readonly fetch?: typeof fetch;
}

type Headers = Readonly<Record<string, string>>;

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly headers?: Headers;
  /** Maximum age of the data in seconds; 0 reads from the upstream. By default, the gateway's settings apply. */
  readonly maxAgeSeconds?: number;
}

/** The part of a list's window that iteration needs. */
export interface Window<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface Client {
  /** Never rejects: every result of the request is an outcome. */
  readonly request: <Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ) => Promise<Outcome<Data>>;
  /**
   * Iterates over the windows of a list, and requests the next one on demand. Throws RequestFailedError for an
   * incomplete window, and when the signal aborts.
   *
   * @param document with a variable `after`
   * @param windowOf returns the list within the data; null ends the iteration
   */
  readonly windows: <Data, Variables extends { after?: string | null | undefined }, Node>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    windowOf: (data: Data) => Window<Node> | null | undefined,
    options?: RequestOptions,
  ) => AsyncGenerator<Window<Node>, void, undefined>;
  /** Like `windows`, row by row. */
  readonly nodes: <Data, Variables extends { after?: string | null | undefined }, Node>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    windowOf: (data: Data) => Window<Node> | null | undefined,
    options?: RequestOptions,
  ) => AsyncGenerator<Node, void, undefined>;
  /**
   * Iterates over the events of a report on many customers; leaving the iteration ends the report. Throws
   * RequestFailedError if it is refused or breaks off, or the signal aborts.
   */
  readonly report: (
    filter?: CustomerFilter | null,
    options?: Pick<RequestOptions, 'signal' | 'headers'>,
  ) => AsyncGenerator<ProtectionReportSubscription['protectionReport'], void, undefined>;
}

export function createClient({ url, headers = {}, fetch: fetchAny = fetch }: ClientOptions): Client {
  /** Follows no redirect, which could send a key to another server. */
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
        // A repeated report starts over: whether to retry is the caller's choice.
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

/** Reads the response received instead of an event stream. */
async function refusalOf(response: Response): Promise<Failure> {
  const { status } = response;
  const outcome = await outcomeOfResponse(response);
  if (outcome.kind !== 'complete') return outcome;
  return { kind: 'invalid', status, retryAfterSeconds: null, reason: 'it is a single result, not a stream' };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new RequestFailedError(outcomeOfFailure(signal.reason, signal));
}
