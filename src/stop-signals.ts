/**
 * Signals that end the process. Imported first by main.ts, so that they are handled while everything else is loaded: the
 * first process of a container ignores a signal without a handler.
 */

type StopSignal = 'SIGTERM' | 'SIGINT';

/** Until there is something to shut down, the process ends at once. */
let stop: (signal: StopSignal) => void = () => process.exit(0);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stop(signal);
  });
}

/** Replaces what the first SIGTERM or SIGINT does. A second one of the same name ends the process. */
export function onStopSignal(run: (signal: StopSignal) => void): void {
  stop = run;
}
