import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TokenBuckets } from '../../src/callers/token-buckets.ts';

test('a bucket grants its tokens and what was refilled since, and never more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.array(fc.record({ pause: fc.nat(200_000), wanted: fc.integer({ min: 1, max: 8 }) }), {
        maxLength: 100,
      }),
      (max, perMinute, takes) => {
        let now = 0;
        const buckets = new TokenBuckets(() => now);
        const allowance = { name: 'a', max, perSecond: perMinute / 60 };
        let given = 0;
        for (const { pause, wanted } of takes) {
          now += pause;
          const { granted, waitMs } = buckets.take(allowance, wanted);
          given += granted;
          expect(given).toBeLessThanOrEqual(max + (now / 60_000) * perMinute + 1e-6);
          if (granted === wanted) expect(waitMs).toBe(0);
          else {
            now += waitMs;
            expect(buckets.take(allowance, 1).granted).toBe(1);
            given += 1;
          }
        }
        now += (max / perMinute) * 60_000;
        expect(buckets.take(allowance, max + 1).granted).toBe(max);
        // Of another one, nothing was taken.
        expect(buckets.take({ ...allowance, name: 'b' }, max + 1).granted).toBe(max);
      },
    ),
  );
});

test('a clock that is set back neither adds nor removes tokens', () => {
  let now = 1_000_000;
  const buckets = new TokenBuckets(() => now);
  const allowance = { name: 'a', max: 2, perSecond: 1 };
  expect(buckets.take(allowance, 1).granted).toBe(1);
  now -= 500_000;
  expect(buckets.take(allowance, 2).granted).toBe(1);
  now += 1000;
  expect(buckets.take(allowance, 2).granted).toBe(1);
});
