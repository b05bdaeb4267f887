/** Exit codes of the report command, and errors that carry them. */

export const exitCodes = {
  complete: 0,
  /** Any other failure. */
  failed: 1,
  incomplete: 2,
  nothing: 3,
  notConnected: 4,
  usage: 5,
  /** Shells' code for SIGINT. */
  interrupted: 130,
  /** Shells' code for SIGTERM. */
  terminated: 143,
} as const;

/** Cleans up and ends the process at SIGINT and SIGTERM. */
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

/** Failure of the command; the message is for its user. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
