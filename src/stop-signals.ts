/**
 * Signals that end the process. main.ts imports this file first, to handle signals while other modules load: the first
 * process of a container ignores signals without a handler.
 */

type StopSignal = 'SIGTERM' | 'SIGINT';

/** Until there is something to shut down, the process exits at once. */
let stop: (signal: StopSignal) => void = () => process.exit(0);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stop(signal);
  });
}

/** Replaces the action of the first SIGTERM or SIGINT. A second signal of the same name ends the process. */
export function onStopSignal(run: (signal: StopSignal) => void): void {
  stop = run;
}
