/** The figures of several workers behind one port as one: whichever of them is asked asks the primary, which asks all. */
import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import type { MetricsSource } from '../server/observability/probes.ts';
import type { Metrics } from './metrics.ts';

const timeoutMs = 5000;

/** In the primary: answers workers that want the figures of all. */
export function answerWorkers(): void {
  const all = new AggregatorRegistry();
  cluster.on('message', (worker: Worker, message: unknown) => {
    if (!isQuestion(message)) return;
    const { askMetrics } = message;
    all.clusterMetrics().then(
      (text) => worker.send({ askMetrics, text }),
      () => worker.send({ askMetrics, text: null }),
    );
  });
}

/** In a worker: its own figures are among those of all, which can be asked for here. */
export function shareWithAll(metrics: Metrics): MetricsSource {
  AggregatorRegistry.setRegistries([metrics.registry]);
  // Answers the primary's questions.
  new AggregatorRegistry();
  let questions = 0;
  return {
    contentType: metrics.contentType,
    text: () =>
      new Promise((resolve, reject) => {
        const askMetrics = questions++;
        const settle = (text: string | null) => {
          clearTimeout(timeout);
          process.off('message', hear);
          if (text === null) reject(new Error('The figures of all workers could not be had.'));
          else resolve(text);
        };
        const hear = (message: unknown) => {
          if (isAnswer(message) && message.askMetrics === askMetrics) settle(message.text);
        };
        const timeout = setTimeout(settle, timeoutMs, null);
        process.on('message', hear);
        process.send?.({ askMetrics });
      }),
  };
}

function isQuestion(message: unknown): message is { readonly askMetrics: number } {
  return typeof message === 'object' && message !== null && 'askMetrics' in message;
}

function isAnswer(
  message: unknown,
): message is { readonly askMetrics: number; readonly text: string | null } {
  return isQuestion(message) && 'text' in message;
}
