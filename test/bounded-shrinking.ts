/**
 * Loaded before each test file: a property that has failed is shrunk for a while and then reported with its seed and its
 * smallest counterexample so far, before jest gives the test up.
 */
import fc from 'fast-check';

const shrinkingMs = 10_000;

fc.installGlobalPlugin(() => {
  let deadline = Infinity;
  const interrupted = new fc.PreconditionFailure(true);
  const note = <Outcome extends object | null>(outcome: Outcome): Outcome => {
    const hasFailed = outcome !== null && !fc.PreconditionFailure.isFailure(outcome);
    if (hasFailed) deadline = Math.min(deadline, performance.now() + shrinkingMs);
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
  };
});
