/** Spans of what the server does: a request, the plan of its operation (until it may be executed), and the operation. */
import type { ApolloServerPlugin } from '@apollo/server';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Cost } from './limits/cost.ts';
import type { OperationRecord } from './audit.ts';

export interface RequestTracingOptions {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  /** Takes in which span the calls of an operation happen, by its scope's owner. */
  readonly contexts: WeakMap<object, Context>;
}

/** What is traced of an operation; see OperationContext. */
export interface TracedContext {
  readonly scope: { readonly owner: object };
  readonly trace: Context | null;
  readonly cost: Cost | null;
}

export class RequestTracing {
  readonly #options: RequestTracingOptions | null;
  readonly #traces = new WeakMap<FastifyRequest, Context>();

  /** @param options null where nobody wants traces */
  constructor(options: RequestTracingOptions | null) {
    this.#options = options;
  }

  /** The span of a request as a context; null where nobody wants traces. */
  contextOf(request: FastifyRequest): Context | null {
    return this.#traces.get(request) ?? null;
  }

  /** The calls of this owner happen within the request. */
  bind(request: FastifyRequest, owner: object): void {
    const context = this.contextOf(request);
    if (context !== null) this.#options?.contexts.set(owner, context);
  }

  /** Of a Fastify scope; before whatever may refuse a request. */
  guard(scope: FastifyInstance, recordOf: (request: FastifyRequest) => OperationRecord | null): void {
    const options = this.#options;
    if (options === null) return;
    scope.addHook('onRequest', (request, reply, done) => {
      const { method, headers, id } = request;
      const parent = options.propagator.extract(ROOT_CONTEXT, headers, {
        keys: (carrier: typeof headers) => Object.keys(carrier),
        get: (carrier: typeof headers, key) => carrier[key],
      });
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
      this.#traces.set(request, trace.setSpan(parent, span));
      reply.raw.once('close', () => {
        endRequest(span, reply.raw.statusCode, recordOf(request));
      });
      done();
    });
  }

  /** Of Apollo Server. */
  plugin<Traced extends TracedContext>(): ApolloServerPlugin<Traced> {
    const options = this.#options;
    if (options === null) return {};
    return {
      requestDidStart: ({ contextValue }) => {
        const within = contextValue.trace;
        if (within === null) return Promise.resolve();
        const plan = options.tracer.startSpan('plan', {}, within);
        let operation: Span | null = null;
        return Promise.resolve({
          executionDidStart: ({ operationName, operation: { operation: type } }) => {
            const { cost } = contextValue;
            if (cost !== null) {
              plan.setAttributes({
                'elements_graph.cost.rows': cost.rows,
                'elements_graph.cost.calls': cost.calls,
              });
            }
            plan.end();
            const name = operationName === null ? type : `${type} ${operationName}`;
            const attributes = {
              'graphql.operation.type': type,
              ...(operationName === null ? {} : { 'graphql.operation.name': operationName }),
            };
            operation = options.tracer.startSpan(name, { attributes }, within);
            options.contexts.set(contextValue.scope.owner, trace.setSpan(within, operation));
            return Promise.resolve();
          },
          willSendResponse: ({ errors }) => {
            // Of what could not be executed.
            if (operation === null) plan.setStatus({ code: SpanStatusCode.ERROR }).end();
            else if (errors !== undefined) operation.setStatus({ code: SpanStatusCode.ERROR });
            operation?.end();
            return Promise.resolve();
          },
        });
      },
    };
  }
}

function endRequest(span: Span, status: number, record: OperationRecord | null): void {
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  if (record !== null) {
    const { operation, kind, wasKept, budget, counts } = record;
    if (kind !== null) span.updateName(operation === null ? kind : `${kind} ${operation}`);
    span.setAttributes({
      'elements_graph.kept': wasKept,
      'elements_graph.upstream.calls': budget.made,
      'elements_graph.upstream.shared': counts.shared,
      'elements_graph.upstream.from_cache': counts.fresh,
      'elements_graph.upstream.stale': counts.stale,
      'elements_graph.error_codes': [...record.codes],
    });
  }
  span.end();
}
