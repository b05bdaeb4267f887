/** Asks a gateway by fetch, with typed documents of its own or of yours. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { createClient as createEventClient } from 'graphql-sse';
import { decodeError, RequestFailedError, type AnswerErrors, type Outcome } from './errors.ts';
import {
  ProtectionReportDocument,
  type CustomerFilter,
  type ProtectionReportSubscription,
} from './generated/operations.ts';

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
  /** Never rejects: whatever becomes of the request is in the outcome. */
  readonly request: <Data, Variables extends object>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ) => Promise<Outcome<Data>>;
  /**
   * The windows of a list, one after the other; the next is asked for when it is wanted. Throws RequestFailedError for
   * one that is not complete.
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
   * The report on many customers, event by event; leaving the iteration ends it. Throws RequestFailedError where it could
   * not be had, or not to the end.
   */
  readonly report: (
    filter?: CustomerFilter | null,
    options?: Pick<RequestOptions, 'signal' | 'headers'>,
  ) => AsyncGenerator<ProtectionReportSubscription['protectionReport'], void, undefined>;
}

export function createClient({ url, headers = {}, fetch: send = fetch }: ClientOptions): Client {
  const commonHeaders = async () => (typeof headers === 'function' ? headers() : headers);

  const request: Client['request'] = async (document, variables, options = {}) => {
    const { signal, maxAgeSeconds } = options;
    try {
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
      return outcomeOf(await response.json(), response.status);
    } catch (cause) {
      return { kind: 'unreachable', cause };
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
      if (!window.pageInfo.hasNextPage) return;
      after = window.pageInfo.endCursor;
    }
  };

  return {
    request,
    windows,
    nodes: async function* (document, variables, windowOf, options) {
      for await (const window of windows(document, variables, windowOf, options)) yield* window.nodes;
    },
    report: async function* (filter = null, { signal, headers: own } = {}) {
      const events = createEventClient({
        url: String(url),
        headers: { ...(await commonHeaders()), ...own },
        fetchFn: send,
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
          const outcome = outcomeOf<ProtectionReportSubscription>(result, 200);
          if (outcome.kind !== 'complete') throw new RequestFailedError(outcome);
          const { protectionReport } = outcome.data;
          isOver = protectionReport.totals !== null;
          yield protectionReport;
        }
        if (!isOver) throw new RequestFailedError({ kind: 'unreachable', cause: signal?.reason ?? null });
      } catch (error) {
        if (error instanceof RequestFailedError) throw error;
        throw new RequestFailedError({ kind: 'unreachable', cause: error });
      } finally {
        signal?.removeEventListener('abort', leave);
        leave();
      }
    },
  };
}

function outcomeOf<Data>(body: unknown, status: number): Outcome<Data> {
  if (typeof body !== 'object' || body === null) return { kind: 'unreachable', cause: body };
  const { data, errors } = body as { readonly data?: Data | null; readonly errors?: unknown };
  const [first, ...others] = Array.isArray(errors) ? errors.map(decodeError) : [];
  const all: AnswerErrors | null = first === undefined ? null : [first, ...others];
  if (data !== undefined && data !== null) {
    return all === null ? { kind: 'complete', data } : { kind: 'partial', data, errors: all };
  }
  return all === null ? { kind: 'unreachable', cause: body } : { kind: 'failed', errors: all, status };
}
