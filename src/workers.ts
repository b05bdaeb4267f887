/** One worker per core behind one port: the primary process starts them, replaces those that die, and stops them all. */
import cluster, { type Worker } from 'node:cluster';

export interface WorkersOptions {
  readonly count: number;
  /** What workers find in their environment, beside what the primary has. */
  readonly environment: Readonly<Record<string, string>>;
  readonly report: (message: string) => void;
}

export interface Workers {
  /** Where all of them listen, once each does. Rejects where one dies before that. */
  readonly url: Promise<string>;
  /** Tells all of them to leave, by this signal. */
  readonly stop: (signal: NodeJS.Signals) => void;
  /** The greatest exit code of those that were told to leave, once all have gone. */
  readonly exitCode: Promise<number>;
}

/** A worker that dies sooner than this would only die again. */
const minLifeMs = 5000;

export function startWorkers({ count, environment, report }: WorkersOptions): Workers {
  let isStopping = false;
  let worst = 0;
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
    if (running.size === 0) resolveExit(worst);
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
        // One that was still starting ends by the signal itself.
        worst = Math.max(worst, signal === 'SIGTERM' ? 0 : (code ?? 1));
        if (running.size === 0) resolveExit(worst);
        return;
      }
      report(`A worker has died (${signal ?? `exit code ${code}`}).`);
      if (performance.now() - startedAt > minLifeMs) {
        start();
        return;
      }
      worst = 1;
      rejectUrl(new Error('A worker died as soon as it was started.'));
      stop('SIGTERM');
    });
  };
  for (let worker = 0; worker < count; worker++) start();
  return { url, stop, exitCode };
}

/** Told by a worker to the primary, which tells the world. */
export function tellReady(url: string): void {
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
