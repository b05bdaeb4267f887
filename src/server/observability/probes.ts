/** Health checks and metrics. */
import type { FastifyInstance } from 'fastify';

export interface ProbeOptions {
  /** Whether shutdown has begun: balancers are to send requests to other instances. */
  readonly isDraining: () => boolean;
  /** What is wrong around the gateway, each in a sentence. */
  readonly faults: () => readonly string[];
  /** In Prometheus's text format; null if metrics are off. */
  readonly metrics: { readonly contentType: string; readonly text: () => Promise<string> } | null;
}

export function answerProbes(server: FastifyInstance, { isDraining, faults, metrics }: ProbeOptions): void {
  server.get('/health/live', () => ({ status: 'alive' }));
  server.get('/health/ready', (_request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'shutting down', faults: [] });
    // Memory answers while the upstream does not, and another instance would have the same upstream.
    return { status: 'ready', faults: faults() };
  });
  if (metrics !== null) {
    server.get('/metrics', async (_request, reply) =>
      reply.header('content-type', metrics.contentType).send(await metrics.text()),
    );
  }
}
