import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

describe('a property that fails', () => {
  test.each(['at once', 'later'])(
    'is reported with its seed and counterexample, if its runs end %s',
    async (when) => {
      let runs = 0;
      const check = fc.assert(
        fc.asyncProperty(fc.array(fc.nat(), { minLength: 500, maxLength: 1000 }), async () => {
          runs += 1;
          // Each shrunk value would fail as well, and there are more of them than time.
          if (when === 'later' && runs > 1) await new Promise(() => undefined);
          throw new Error('fails');
        }),
        { numRuns: 1000 },
      );
      await expect(check).rejects.toThrow(/seed: -?\d+.*Counterexample: \[/s);
    },
  );
});
