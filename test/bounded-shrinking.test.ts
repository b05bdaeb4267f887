import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

beforeAll(() => {
  process.env['SHRINKING_MS'] = '500';
});
afterAll(() => {
  delete process.env['SHRINKING_MS'];
});

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

  test('is reported with what runs it again first, and with no more than the beginning of the rest', () => {
    const long = 'x'.repeat(100_000);
    let report = '';
    try {
      fc.assert(
        fc.property(fc.constant(long), (text) => {
          expect(text).toBe('');
        }),
      );
    } catch (error) {
      report = (error as Error).message;
    }
    expect(report).toMatch(
      /^Property failed in run 1: \{ seed: -?\d+, path: "[\d:]+", endOnFailure: true \}\nError: /,
    );
    expect(report).toMatch(/\nCounterexample: \["x+… \(\d+ characters\)\n/);
    expect(report.length).toBeLessThan(5000);
  });

  test('fails in its first run, with the same counterexample, if it is given its seed and path', () => {
    const reportWith = (parameters: fc.Parameters<[number]>): string => {
      try {
        fc.assert(
          fc.property(fc.nat(), (number) => number < 1000),
          parameters,
        );
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    const first = reportWith({});
    const [, seed = '', path = ''] = /seed: (-?\d+), path: "([\d:]+)"/.exec(first) ?? [];
    const again = reportWith({ seed: Number(seed), path, endOnFailure: true });
    expect(first).toContain('Counterexample: [1000]');
    expect(again).toContain('Property failed in run 1: ');
    expect(again).toContain('Counterexample: [1000]');
  });
});
