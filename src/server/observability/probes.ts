/** Health checks and metrics. */
import type { FastifyInstance } from 'fastify';

export interface ProbeOptions {
  /** Whether shutdown has begun: balancers are to send requests to other instances. */
  readonly isDraining: () => boolean;
  /** Endpoints of the upstream that have stopped working. */
  readonly endpointsLeftAlone: () => readonly string[];
  /** Whether Redis, over which instances share their cache, does not answer. */
  readonly isAlone: () => boolean;
  /** In Prometheus's text format; null if metrics are off. */
  readonly metrics: MetricsSource | null;
}

export interface MetricsSource {
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

export function answerProbes(
  server: FastifyInstance,
  { isDraining, endpointsLeftAlone, isAlone, metrics }: ProbeOptions,
): void {
  server.get('/health/live', () => ({ status: 'alive' }));
  server.get('/health/ready', (_request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'shutting down', faults: [] });
    // Memory answers while the upstream does not, and another instance would have the same upstream.
    return { status: 'ready', faults: [...endpointsLeftAlone().map(faultOf), ...(isAlone() ? [alone] : [])] };
  });
  if (metrics !== null) {
    server.get('/metrics', async (_request, reply) =>
      reply.header('content-type', metrics.contentType).send(await metrics.text()),
    );
  }
}

const alone = 'Redis does not answer: this instance shares nothing with others until it does.';

function faultOf(endpoint: string): string {
  return `The upstream's ${endpoint} has failed again and again, and is left alone but for a few calls.`;
}
