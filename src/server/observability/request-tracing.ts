/** Spans of a request, of its preparation (`plan`), and of its operation's execution. */
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
  /** Parent contexts of upstream calls, by the operation's owner. */
  readonly contexts: WeakMap<object, Context>;
}

type RequestState = FastifyRequest['state'];

export class RequestTrace {
  readonly #options: RequestTracingOptions;
  readonly #within: Context;

  /** Starts the request's span; it ends when the response is closed. */
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

  /** Starts the span of the preparation. Call the result with the cost, or with null for a refusal. */
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

  /** Starts the span of the execution, the parent of the owner's upstream calls. Call the result at its end. */
  startOperation({ operation, kind }: RequestState, owner: object): (errorType: string | null) => void {
    const type = kind ?? 'query';
    const attributes =
      kind === 'export'
        ? { ...(operation === null ? {} : { 'elements_graph.export': operation }) }
        : {
            'graphql.operation.type': type,
            ...(operation === null ? {} : { 'graphql.operation.name': operation }),
          };
    // Named by type only: operation names are unbounded.
    const span = this.#options.tracer.startSpan(type, { attributes }, this.#within);
    this.#options.contexts.set(owner, trace.setSpan(this.#within, span));
    return (errorType) => {
      if (errorType !== null) fail(span, errorType);
      span.end();
    };
  }
}

/** @param type low-cardinality error type */
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
