/**
 * Traces over OTLP: spans of exchanges with the upstream, to which the trace is propagated (W3C Trace Context).
 * server/observability/request-tracing.ts has the spans of requests.
 */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context, type Tracer } from '@opentelemetry/api';
import {
  ExportResultCode,
  parseKeyPairsIntoRecord,
  W3CTraceContextPropagator,
  type ExportResult,
} from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { Secret } from '../secret.ts';
import { explainFailure } from '../transport/failure-cause.ts';
import type { ExchangeObserver } from '../transport/observed.ts';

export interface TracesConfig {
  /** URL to which spans are sent. */
  readonly url: URL;
  readonly serviceName: string;
  /** Request headers, as `name=value,…`; without them, the library reads headers from the environment. */
  readonly headers?: Secret;
  /** Attributes of the resource, besides its name and version. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface TracingOptions {
  readonly version: string;
  /** Time for `close` to send the last spans. */
  readonly closeMs: number;
  /** Called with the reason why spans can't be sent, or with null when they are sent again. */
  readonly onFault?: (text: string | null) => void;
}

export interface Tracing {
  readonly tracer: Tracer;
  readonly propagator: W3CTraceContextPropagator;
  /** Parent contexts of upstream calls, by operation owner. */
  readonly contexts: WeakMap<object, Context>;
  readonly exchanges: ExchangeObserver;
  /** Sends the remaining spans within the time; never rejects. */
  readonly close: () => Promise<void>;
}

/** Starts to export spans to a collector. */
export function createTracing(
  { url, serviceName, headers, attributes = {} }: TracesConfig,
  { version, closeMs, onFault = () => undefined }: TracingOptions,
): Tracing {
  const sent = headers === undefined ? {} : { headers: parseKeyPairsIntoRecord(headers.reveal()) };
  const exporter = new WatchedExporter(new OTLPTraceExporter({ url: url.href, ...sent }), (error) => {
    onFault(error === null ? null : explainExport(error, url));
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.version': version,
      ...attributes,
      'service.name': serviceName,
    }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('elements-graph', version);
  const propagator = new W3CTraceContextPropagator();
  const contexts = new WeakMap<object, Context>();
  return {
    tracer,
    propagator,
    contexts,
    exchanges: {
      begin: ({ endpoint, method }, { owner }, baseUrl) => {
        const parent = contexts.get(owner) ?? ROOT_CONTEXT;
        const template = endpoint.replace(/^\w+ /, '');
        const attributes = {
          'http.request.method': method,
          'url.template': template,
          // The template, because the path contains customer ids.
          'url.full': template.startsWith('/')
            ? baseUrl.origin + baseUrl.pathname.replace(/\/+$/, '') + template
            : baseUrl.origin + baseUrl.pathname,
          'server.address': baseUrl.hostname,
          'server.port': Number(baseUrl.port) || (baseUrl.protocol === 'https:' ? 443 : 80),
        };
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
            if (status === null || status >= 400) {
              span.setAttribute('error.type', outcome);
              span.setStatus({ code: SpanStatusCode.ERROR });
            }
            span.end();
          },
        };
      },
    },
    close: async () => {
      let limit: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (limit = setTimeout(resolve, closeMs)));
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(limit);
    },
  };
}

/** Exporter that reports each result: an error, or null for success. */
class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #onResult: (error: unknown) => void;

  constructor(exporter: SpanExporter, onResult: (error: unknown) => void) {
    this.#exporter = exporter;
    this.#onResult = onResult;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      this.#onResult(result.code === ExportResultCode.SUCCESS ? null : (result.error ?? new Error()));
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}

function explainExport(error: unknown, url: URL): string {
  const collector = {
    name: 'The collector of traces',
    url,
    setting: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    // This setting replaces all other authorities.
    authoritySetting: 'OTEL_EXPORTER_OTLP_CERTIFICATE',
  };
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const dropped = 'Spans are dropped until then.';
  if (typeof code === 'number')
    return `${collector.name} at ${url.host} rejects spans (status ${code}): check ${collector.setting}. ${dropped}`;
  const isTimeout = code === undefined && /time/i.test(String(message));
  const cause = isTimeout ? { code: 'ETIMEDOUT' } : error;
  return `${explainFailure(cause, collector).text} ${dropped}`;
}
