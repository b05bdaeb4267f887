/** One worker per core behind one port: the primary process starts them, replaces those that die, and stops them all. */
import cluster, { type Worker } from 'node:cluster';

export interface WorkersOptions {
  readonly count: number;
  /** Variables of the workers' environment, beside the primary's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly report: (message: string) => void;
  /** How long workers may take to stop before they are killed. */
  readonly limitMs: number;
}

export interface Workers {
  /** URL of all of them, once each listens. Rejects with the reason if one can't start. */
  readonly url: Promise<string>;
  /** Sends this signal to all of them. */
  readonly stop: (signal: NodeJS.Signals) => void;
  /** The greatest exit code of the stopped workers, once all have exited. */
  readonly exitCode: Promise<number>;
}

/** A worker that dies sooner than this would only die again, as does one that dies before it listens. */
const minLifeMs = 5000;

export function startWorkers({ count, environment, report, limitMs }: WorkersOptions): Workers {
  let isUp = false;
  let isStopping = false;
  let maxExitCode = 0;
  let fault: string | null = null;
  const { promise: url, resolve: resolveUrl, reject: rejectUrl } = settleable<string>();
  const { promise: exitCode, resolve: resolveExit } = settleable<number>();
  const running = new Set<Worker>();
  const listening = new Set<Worker>();

  const stop = (signal: NodeJS.Signals) => {
    isStopping = true;
    for (const worker of running) worker.process.kill(signal);
    if (running.size === 0) resolveExit(maxExitCode);
    const kill = () => {
      for (const worker of running) worker.process.kill('SIGKILL');
    };
    setTimeout(kill, limitMs).unref();
  };
  const start = () => {
    const startedAt = performance.now();
    const worker = cluster.fork(environment);
    running.add(worker);
    worker.on('message', (message: unknown) => {
      if (isFaultMessage(message)) fault ??= message.startFault;
      if (!isReadyMessage(message)) return;
      listening.add(worker);
      if (listening.size < count) return;
      isUp = true;
      resolveUrl(message.readyAt);
    });
    worker.once('exit', (code: number | null, signal: string | null) => {
      const handle = () => {
        handleExit(code, signal);
      };
      // What it has sent may not have come yet.
      if (worker.isConnected()) worker.once('disconnect', handle);
      else handle();
    });
    const handleExit = (code: number | null, signal: string | null) => {
      running.delete(worker);
      const hasListened = listening.delete(worker);
      if (isStopping) {
        // A worker that was still starting ends by the signal itself.
        maxExitCode = Math.max(maxExitCode, signal === 'SIGTERM' ? 0 : (code ?? 1));
        if (running.size === 0) resolveExit(maxExitCode);
        return;
      }
      const death = `A worker has died (${signal ?? `exit code ${code}`}).`;
      if (hasListened) report(death);
      if (hasListened && performance.now() - startedAt > minLifeMs) {
        start();
        return;
      }
      maxExitCode = 1;
      const reason = fault ?? death;
      if (isUp && !hasListened) report(reason);
      rejectUrl(new Error(reason));
      stop('SIGTERM');
    };
  };
  for (let worker = 0; worker < count; worker++) start();
  return { url, stop, exitCode };
}

/** Reports from a worker to the primary that it listens. */
export function reportReady(url: string): void {
  process.send?.({ readyAt: url });
}

/** Reports from a worker to the primary why it can't start, and ends it. */
export function reportFault(startFault: string): void {
  process.send?.({ startFault }, () => process.exit(1));
}

function settleable<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<Value>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}

function isReadyMessage(message: unknown): message is { readonly readyAt: string } {
  return hasText(message, 'readyAt');
}

function isFaultMessage(message: unknown): message is { readonly startFault: string } {
  return hasText(message, 'startFault');
}

function hasText(message: unknown, name: string): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    typeof (message as Readonly<Record<string, unknown>>)[name] === 'string'
  );
}
