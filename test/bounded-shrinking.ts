/**
 * Loaded before each test file: a property that has failed is shrunk for a while, and reported before jest gives the test
 * up. Its report begins with what runs it again; error and smallest counterexample so far follow, each cut if it is long.
 */
import fc from 'fast-check';

/** A test of the time itself sets a shorter one. */
const shrinkingMs = () => Number(process.env['SHRINKING_MS'] ?? 10_000);
const maxShown = 2000;

function reportOf(details: fc.RunDetails<unknown>): string | null {
  // Too many values were skipped, or the time was over: fast-check's own report is short.
  if (!details.failed || details.counterexamplePath === null) return null;
  const { seed, counterexamplePath: path, numRuns, numShrinks, counterexample, errorInstance } = details;
  const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return [
    `Property failed in run ${numRuns}: { seed: ${seed}, path: ${JSON.stringify(path)}, endOnFailure: true }`,
    `Error: ${cut(message)}`,
    `Counterexample: ${cut(fc.stringify(counterexample))}`,
    `Shrunk ${numShrinks} times`,
  ].join('\n');
}

/** The error, at the place where the cause was thrown. */
function withStackOf(error: Error, cause: unknown): Error {
  if (cause instanceof Error && cause.stack !== undefined) {
    const frames = cause.stack.split('\n').filter((line) => /^\s+at /.test(line));
    error.stack = [`Error: ${error.message}`, ...frames].join('\n');
  }
  return error;
}

function cut(text: string): string {
  return text.length <= maxShown ? text : `${text.slice(0, maxShown)}… (${text.length} characters)`;
}

fc.installGlobalPlugin(() => {
  let deadline = Infinity;
  const interrupted = new fc.PreconditionFailure(true);
  const note = <Outcome extends object | null>(outcome: Outcome): Outcome => {
    const hasFailed = outcome !== null && !fc.PreconditionFailure.isFailure(outcome);
    if (hasFailed) deadline = Math.min(deadline, performance.now() + shrinkingMs());
    return outcome;
  };
  return {
    decorateRun: (run) => (value) => {
      const left = deadline - performance.now();
      if (left <= 0) return interrupted;
      const outcome = run(value);
      if (!(outcome instanceof Promise)) return note(outcome);
      if (left === Infinity) return outcome.then(note);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<typeof interrupted>((resolve) => {
        timer = setTimeout(() => {
          resolve(interrupted);
        }, left);
      });
      return Promise.race([outcome.then(note), late]).finally(() => {
        clearTimeout(timer);
      });
    },
    onAllRunsComplete: (details) => {
      const report = reportOf(details);
      if (report !== null) throw withStackOf(new Error(report), details.errorInstance);
    },
  };
});
