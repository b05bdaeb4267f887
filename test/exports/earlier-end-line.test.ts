/** The end of an earlier export, as it is parsed in parts. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endStart, parseEndLine } from '../../src/exports/earlier-end-line.ts';
import { Pace } from '../../src/scheduler.ts';

const parsed = (text: string) => parseEndLine(text, new Pace(1));

const entries = fc.array(fc.object({ maxDepth: 2 }), { maxLength: 5 });
const ends = fc.record(
  {
    filter: fc.oneof(fc.constant(null), fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }))),
    columns: fc.array(fc.string()),
    missing: entries,
    changed: entries,
    'a [{"': fc.oneof(fc.string(), fc.array(fc.string()), fc.dictionary(fc.string(), fc.jsonValue())),
  },
  { requiredKeys: [] },
);
const indents = fc.constantFrom(undefined, 1, '\t');

test('an end has the values that JSON.parse finds', async () => {
  await fc.assert(
    fc.asyncProperty(ends, indents, async (end, indent) => {
      const text = `${endStart}${JSON.stringify(end, null, indent)}}`;
      expect(await parsed(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('a long list of entries is parsed in slices, between which the event loop goes on', async () => {
  const missing = Array.from({ length: 12_000 }, (_, index) => ({
    ...{ customerId: `c${index}`, tenantId: `t${index}`, message: 'It did not answer. '.repeat(8) },
  }));
  const text = `${endStart}${JSON.stringify({ missing })}}`;
  let yields = 0;
  const pace = new Pace(1);
  Object.defineProperty(pace, 'shouldYield', { get: () => true });
  pace.yield = () => {
    yields += 1;
    return Promise.resolve();
  };
  const value = await parseEndLine(text, pace);
  expect(value).toEqual({ end: { missing } });
  // After each part of the text, and after each entry.
  expect(yields).toBeGreaterThan(missing.length + text.length / 10_000);
});
