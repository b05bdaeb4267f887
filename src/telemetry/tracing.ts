/**
 * Traces over OTLP: a span for each request, its operation and its plan (server/observability/request-tracing.ts), and each exchange with the
 * upstream, which is told of its trace as well (W3C Trace Context).
 */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context, type Tracer } from '@opentelemetry/api';
import { parseKeyPairsIntoRecord, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Secret } from '../secret.ts';
import type { ExchangeObserver } from '../transport/observed.ts';

export interface TracesConfig {
  /** Where spans are sent, with its path. */
  readonly url: URL;
  readonly serviceName: string;
  /** Sent along with spans, as `name=value,…`; without it, the library reads the environment's. */
  readonly headers?: Secret;
}

export interface Tracing {
  readonly tracer: Tracer;
  readonly propagator: W3CTraceContextPropagator;
  /** In which span the calls of an operation happen, by its scope's owner. */
  readonly contexts: WeakMap<object, Context>;
  readonly exchanges: ExchangeObserver;
  /** Sends what has not been sent yet. */
  readonly close: () => Promise<void>;
}

export function createTracing({ url, serviceName, headers }: TracesConfig, version: string): Tracing {
  const sent = headers === undefined ? {} : { headers: parseKeyPairsIntoRecord(headers.reveal()) };
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: url.href, ...sent }))],
  });
  const tracer = provider.getTracer('elements-graph', version);
  const propagator = new W3CTraceContextPropagator();
  const contexts = new WeakMap<object, Context>();
  return {
    tracer,
    propagator,
    contexts,
    exchanges: {
      begin: ({ endpoint, method }, { owner }) => {
        const parent = contexts.get(owner) ?? ROOT_CONTEXT;
        const attributes = { 'http.request.method': method, 'url.template': endpoint.replace(/^\w+ /, '') };
        const span = tracer.startSpan(endpoint, { kind: SpanKind.CLIENT, attributes }, parent);
        const headers: Record<string, string> = {};
        propagator.inject(trace.setSpan(parent, span), headers, {
          set: (carrier: Record<string, string>, key, value) => (carrier[key] = value),
        });
        return {
          headers,
          end: (outcome) => {
            const status = /^\d+$/.test(outcome) ? Number(outcome) : null;
            if (status !== null) span.setAttribute('http.response.status_code', status);
            else span.setAttribute('error.type', outcome);
            if (status === null || status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
            span.end();
          },
        };
      },
    },
    close: () => provider.shutdown(),
  };
}
