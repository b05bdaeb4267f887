/** Health checks and metrics. */
import type { FastifyInstance } from 'fastify';

export interface HealthCheckOptions {
  /** Whether shutdown has begun: load balancers should use other instances. */
  readonly isDraining: () => boolean;
  /** Faults of the gateway's environment, a sentence each. */
  readonly faults: () => readonly string[];
  /** Metrics in Prometheus's text format; null if they are off. */
  readonly metrics: { readonly contentType: string; readonly text: () => Promise<string> } | null;
}

export function registerHealthChecks(
  server: FastifyInstance,
  { isDraining, faults, metrics }: HealthCheckOptions,
): void {
  server.get('/health/live', () => ({ status: 'alive' }));
  server.get('/health/ready', (_request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'shutting down', faults: [] });
    // Ready even if the upstream fails: the cache still answers, and other instances have the same upstream.
    return { status: 'ready', faults: faults() };
  });
  if (metrics !== null) {
    server.get('/metrics', async (_request, reply) =>
      reply.header('content-type', metrics.contentType).send(await metrics.text()),
    );
  }
}
