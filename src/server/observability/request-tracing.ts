/** Spans of what the server does: a request, its preparation (`plan`), and the execution of its operation. */
import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Cost } from '../../pricing/cost.ts';

export interface RequestTracingOptions {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  /** By an operation's owner, the span in which its upstream calls happen. */
  readonly contexts: WeakMap<object, Context>;
}

type RequestState = FastifyRequest['state'];

export class RequestTrace {
  readonly #options: RequestTracingOptions;
  readonly #within: Context;

  /** Starts the request's span, which ends when the response is closed. */
  constructor(options: RequestTracingOptions, { request, raw }: FastifyReply, state: RequestState) {
    const { method, headers, id, hostname, protocol, port } = request;
    const route = request.routeOptions.url ?? '/graphql';
    const parent = options.propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const attributes = {
      'http.request.method': method,
      'http.route': route,
      'url.path': route,
      'url.scheme': protocol,
      'network.protocol.version': raw.req.httpVersion,
      'server.address': hostname,
      ...(port === null || Number.isNaN(port) ? {} : { 'server.port': port }),
      'elements_graph.request_id': id,
    };
    const span = options.tracer.startSpan(
      `${method} ${route}`,
      { kind: SpanKind.SERVER, attributes },
      parent,
    );
    this.#options = options;
    this.#within = trace.setSpan(parent, span);
    state.whenClosed(() => {
      endRequest(span, raw.statusCode, state);
    });
  }

  /** Starts the span of the preparation; to be called with its cost, or with null if it was refused. */
  startPreparation(): (cost: Cost | null) => void {
    const span = this.#options.tracer.startSpan('plan', {}, this.#within);
    return (cost) => {
      if (cost === null) fail(span, 'REFUSED');
      else {
        span.setAttributes({
          'elements_graph.cost.rows': cost.rows,
          'elements_graph.cost.calls': cost.calls,
        });
      }
      span.end();
    };
  }

  /** Starts the span of the execution, in which the owner's upstream calls happen; to be called when it has ended. */
  startOperation({ operation, kind }: RequestState, owner: object): (errorType: string | null) => void {
    const type = kind ?? 'query';
    const attributes =
      kind === 'export'
        ? { ...(operation === null ? {} : { 'elements_graph.export': operation }) }
        : {
            'graphql.operation.type': type,
            ...(operation === null ? {} : { 'graphql.operation.name': operation }),
          };
    // By its type alone: names are the callers' own, and there is no end of them.
    const span = this.#options.tracer.startSpan(type, { attributes }, this.#within);
    this.#options.contexts.set(owner, trace.setSpan(this.#within, span));
    return (errorType) => {
      if (errorType !== null) fail(span, errorType);
      span.end();
    };
  }
}

/** @param type of the error, of a small set */
function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function endRequest(span: Span, status: number, state: RequestState): void {
  const { isCached, budget, counts, codes } = state;
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) fail(span, String(status));
  span.setAttributes({
    'elements_graph.cached': isCached,
    'elements_graph.upstream.calls': budget.made,
    'elements_graph.upstream.shared': counts.shared,
    'elements_graph.upstream.from_cache': counts.fresh,
    'elements_graph.upstream.stale': counts.stale,
    'elements_graph.error_codes': [...codes],
  });
  span.end();
}
