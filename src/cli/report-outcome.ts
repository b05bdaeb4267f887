/** How a report ends: the exit codes of the command, and the errors that have them. */

export const exitCodes = {
  complete: 0,
  /** No report, for another reason than those below. */
  failed: 1,
  incomplete: 2,
  nothing: 3,
  notConnected: 4,
  usage: 5,
  /** As shells have it for SIGINT. */
  interrupted: 130,
  /** As shells have it for SIGTERM. */
  terminated: 143,
} as const;

/** Ends the process at SIGINT and SIGTERM, when it has cleaned up. */
export function onStop(cleanUp: () => void): void {
  for (const [signal, exitCode] of [
    ['SIGINT', exitCodes.interrupted],
    ['SIGTERM', exitCodes.terminated],
  ] as const) {
    process.once(signal, () => {
      cleanUp();
      process.exit(exitCode);
    });
  }
}

/** There is no report; the message says why. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
