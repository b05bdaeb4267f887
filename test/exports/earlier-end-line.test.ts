/** The end of an earlier export, as it is parsed in parts. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endStart, parseEndLine } from '../../src/exports/earlier-end-line.ts';
import { readEarlierFile } from '../../src/exports/earlier-file.ts';
import { ComparisonMemory } from '../../src/exports/earlier-rows.ts';
import { Pace } from '../../src/scheduler.ts';

const parsed = (text: string) => parseEndLine(text, new Pace(1), (_list, entry) => entry);

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
  let [yields, entries, maxEntries] = [0, 0, 0];
  const pace = new Pace(1);
  Object.defineProperty(pace, 'shouldYield', { get: () => true });
  pace.yield = () => {
    yields += 1;
    entries = 0;
    return Promise.resolve();
  };
  const value = await parseEndLine(text, pace, (list, entry) => {
    expect(list).toBe('missing');
    maxEntries = Math.max(maxEntries, (entries += 1));
    return entry;
  });
  expect(value).toEqual({ end: { missing } });
  expect(yields).toBeGreaterThan(text.length / 10_000);
  expect(maxEntries).toBeLessThan(10_000 / (text.length / missing.length));
});

test('an entry is read as soon as it ends, and the first faulty one is the last', async () => {
  const text = `${endStart}{"missing":[{}${',{}'.repeat(1_000_000)}]}}`;
  const fault = new Error('It has no ids.');
  let read = 0;
  const refused = parseEndLine(text, new Pace(1), () => {
    read += 1;
    throw fault;
  });
  await expect(refused).rejects.toBe(fault);
  expect(read).toBe(1);
});

test('nothing stays of a list whose entries are of no use, whatever its name', async () => {
  const names = ['of', 'mis\\u0073ing', 'mis\\"sing', 'x'.repeat(1000)];
  const lists: string[] = [];
  for (const name of names) {
    const text = `${endStart}{"a":"b","${name}":[{"a":[{}]},{}],"c":[]}}`;
    const value = await parseEndLine(text, new Pace(1), (list) => {
      lists.push(list);
    });
    expect(value).toEqual({ end: { a: 'b', [String(JSON.parse(`"${name}"`))]: [], c: [] } });
  }
  expect(lists).toEqual(['of', 'of', 'missing', 'missing', 'mis"sing', 'mis"sing', '', '']);
});

const row = { customerId: 'c', tenantId: 't', userId: 'u', protectionState: 'PROTECTED', status: [] };
const columns = Object.keys(row);

async function* fileOf(end: object) {
  yield await Promise.resolve(
    Buffer.from(
      `${JSON.stringify(row)}\n${JSON.stringify({ end: { of: 'users', columns, rows: 1, missing: [], ...end } })}\n`,
    ),
  );
}

test('entries count in the memory of comparisons as long as the rows do', async () => {
  const entriesOf = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ customerId: 'c', tenantId: `t${index}` }));
  const usedOf = async (end: object) => {
    const memory = new ComparisonMemory(Infinity);
    const { rows } = await readEarlierFile(fileOf(end), memory);
    const { used } = memory;
    rows.release();
    expect(memory.used).toBe(0);
    return used;
  };
  const withoutEntries = await usedOf({});
  for (const end of [{ missing: entriesOf(1000) }, { changed: entriesOf(1000) }]) {
    expect((await usedOf(end)) - withoutEntries).toBeGreaterThan(200_000);
    const memory = new ComparisonMemory(withoutEntries + 200_000);
    await expect(readEarlierFile(fileOf(end), memory)).rejects.toThrow(/too large for the memory/);
    expect(memory.used).toBe(0);
  }
});
