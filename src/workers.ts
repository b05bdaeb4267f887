/** One worker per core behind one port: the primary process starts them, replaces those that die, and stops them all. */
import cluster, { type Worker } from 'node:cluster';

export interface WorkersOptions {
  readonly count: number;
  /** Variables of the workers' environment, beside the primary's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly report: (message: string) => void;
}

export interface Workers {
  /** URL of all of them, once each listens. Rejects if one dies before that. */
  readonly url: Promise<string>;
  /** Sends this signal to all of them. */
  readonly stop: (signal: NodeJS.Signals) => void;
  /** The greatest exit code of the stopped workers, once all have exited. */
  readonly exitCode: Promise<number>;
}

/** A worker that dies sooner than this would only die again. */
const minLifeMs = 5000;

export function startWorkers({ count, environment, report }: WorkersOptions): Workers {
  let isStopping = false;
  let maxExitCode = 0;
  let ready = 0;
  let resolveUrl: (url: string) => void = () => undefined;
  let rejectUrl: (error: Error) => void = () => undefined;
  const url = new Promise<string>((resolve, reject) => {
    resolveUrl = resolve;
    rejectUrl = reject;
  });
  let resolveExit: (code: number) => void = () => undefined;
  const exitCode = new Promise<number>((resolve) => (resolveExit = resolve));
  const running = new Set<Worker>();

  const stop = (signal: NodeJS.Signals) => {
    isStopping = true;
    for (const worker of running) worker.process.kill(signal);
    if (running.size === 0) resolveExit(maxExitCode);
  };
  const start = () => {
    const startedAt = performance.now();
    const worker = cluster.fork(environment);
    running.add(worker);
    worker.on('message', (message: unknown) => {
      if (!isReadyMessage(message)) return;
      ready += 1;
      if (ready === count) resolveUrl(message.readyAt);
    });
    worker.once('exit', (code: number | null, signal: string | null) => {
      running.delete(worker);
      if (isStopping) {
        // A worker that was still starting ends by the signal itself.
        maxExitCode = Math.max(maxExitCode, signal === 'SIGTERM' ? 0 : (code ?? 1));
        if (running.size === 0) resolveExit(maxExitCode);
        return;
      }
      report(`A worker has died (${signal ?? `exit code ${code}`}).`);
      if (performance.now() - startedAt > minLifeMs) {
        start();
        return;
      }
      maxExitCode = 1;
      rejectUrl(new Error('A worker died as soon as it was started.'));
      stop('SIGTERM');
    });
  };
  for (let worker = 0; worker < count; worker++) start();
  return { url, stop, exitCode };
}

/** Reports from a worker to the primary that it listens. */
export function reportReady(url: string): void {
  process.send?.({ readyAt: url });
}

function isReadyMessage(message: unknown): message is { readonly readyAt: string } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'readyAt' in message &&
    typeof message.readyAt === 'string'
  );
}
