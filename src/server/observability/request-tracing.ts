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

/** Spans of one request. */
export class RequestTrace {
  readonly #options: RequestTracingOptions;
  readonly #within: Context;

  /** Starts the request's span, which ends when the response is closed. */
  constructor(options: RequestTracingOptions, { request, raw }: FastifyReply) {
    const { method, headers, id, state } = request;
    const parent = options.propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const attributes = {
      'http.request.method': method,
      'http.route': '/graphql',
      'elements_graph.request_id': id,
    };
    const span = options.tracer.startSpan(
      `${method} /graphql`,
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
      if (cost === null) span.setStatus({ code: SpanStatusCode.ERROR });
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
  startOperation({ operation, kind }: RequestState, owner: object): (hasErrors: boolean) => void {
    const type = kind ?? 'query';
    const attributes = {
      'graphql.operation.type': type,
      ...(operation === null ? {} : { 'graphql.operation.name': operation }),
    };
    const span = this.#options.tracer.startSpan(nameOf(type, operation), { attributes }, this.#within);
    this.#options.contexts.set(owner, trace.setSpan(this.#within, span));
    return (hasErrors) => {
      if (hasErrors) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    };
  }
}

function nameOf(kind: string, operation: string | null): string {
  return operation === null ? kind : `${kind} ${operation}`;
}

function endRequest(span: Span, status: number, state: RequestState): void {
  const { operation, kind, isCached, budget, counts, codes } = state;
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  if (kind !== null) span.updateName(nameOf(kind, operation));
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
