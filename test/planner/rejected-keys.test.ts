/** A key that the upstream rejects costs its own row at most, and teaches nothing to other operations. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UpstreamError } from '../../src/errors.ts';
import type { Dialect } from '../../src/planner/choose.ts';
import { idJoin, rowKeysJoin } from '../../src/planner/row-keys.ts';
import { rowsUpTo, serveList, tick, type Deployment, type Row, type ServedList } from './served-list.ts';

/** Ids under which a row is sought, best first. */
type Names = readonly string[];

function find({ createReader }: ServedList, wants: readonly Names[]) {
  const keys = wants.map((names) => names.flatMap((name) => idJoin.rowKeysOf(name)));
  return createReader().find(keys, rowKeysJoin, () => []);
}

function expectedRow(rows: readonly Row[], names: Names): Row | null {
  const ids = new Map(rows.map((row) => [row.id, row]));
  return names.flatMap((name) => ids.get(name) ?? []).at(0) ?? null;
}

const maxRows = 7000;
const id = fc.integer({ min: 0, max: maxRows + 500 }).map((row) => `row-${row}`);

const world = fc.record({
  rows: fc.oneof(fc.integer({ min: 0, max: 600 }), fc.constant(maxRows)),
  filters: fc.constantFrom('plural' as const, 'singular' as const, 'both' as const, 'none' as const),
  isStrict: fc.boolean(),
  hasSingular: fc.boolean(),
  isWarm: fc.boolean(),
  caches: fc.boolean(),
  rejectsPages: fc.boolean(),
  rejectionStatus: fc.constantFrom(400, 422),
  rejected: fc.uniqueArray(id, { maxLength: 3 }),
  ticks: fc.array(fc.nat(9), { minLength: 1, maxLength: 9 }),
  operations: fc.array(
    fc.record({
      delay: fc.nat(12),
      wants: fc.array(fc.array(id, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 120 }),
      withRejected: fc.array(fc.record({ at: fc.nat(120), which: fc.nat(2), isFirst: fc.boolean() }), {
        maxLength: 2,
      }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

function serve({ rows, rejected, filters, hasSingular, isWarm, caches, ticks, ...given }: World) {
  const deployment: Deployment = {
    ...given,
    filters,
    rows: rowsUpTo(rows),
    cap: 100,
    metadata: 'honest',
    rejectedKeys: new Set(rejected),
  };
  const known: Dialect = filters === 'both' ? 'plural' : filters;
  const isKnown = isWarm && (hasSingular || known !== 'singular');
  return serveList(deployment, {
    hasSingular,
    caches,
    dialect: isKnown ? known : hasSingular ? 'unknown' : 'plural',
    ticksOf: (call) => ticks[call % ticks.length] ?? 0,
  });
}

/** The rows of an operation, with rejected keys before or after a row's other name. */
function wantsOf({ rejected }: World, operation: World['operations'][number]): readonly Names[] {
  const wants: Names[] = [...operation.wants];
  for (const { at, which, isFirst } of operation.withRejected) {
    const key = rejected[which];
    const place = at % wants.length;
    const names = wants[place] ?? [];
    if (key !== undefined) wants[place] = isFirst ? [key, ...names] : [...names, key];
  }
  return wants;
}

test('rows are found by operations at once, whatever keys, names and pages are rejected', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const list = serve(given);
      const rows = rowsUpTo(given.rows);
      const results = given.operations.map(async (operation) => {
        for (let ticks = 0; ticks < operation.delay; ticks++) await tick();
        return find(list, wantsOf(given, operation));
      });
      for (const [index, found] of (await Promise.all(results)).entries()) {
        const operation = given.operations[index];
        const wants = operation === undefined ? [] : wantsOf(given, operation);
        for (const [position, names] of wants.entries()) {
          const row = found[position];
          const mayFail = given.rejectsPages || names.some((name) => given.rejected.includes(name));
          if (!mayFail || !(row instanceof UpstreamError)) expect(row).toEqual(expectedRow(rows, names));
        }
      }
      expect(list.requests.length).toBeLessThan(1500);
    }),
    { numRuns: 600 },
  );
});

describe.each([400, 422])('a look-up with one rejected key (status %i)', (rejectionStatus) => {
  const kinds: readonly [Deployment['filters'], boolean][] = [
    ['plural', true],
    ['plural', false],
    ['both', false],
    ['singular', true],
    ['singular', false],
  ];

  test.each(kinds)(
    'has its good rows found by look-ups, of a list of many pages: %s, strict %s',
    async (filters, isStrict) => {
      const rows = rowsUpTo(maxRows);
      const ids = rows.slice(300, 339).map((row) => row.id);
      for (const isKnown of [true, false])
        for (const place of [0, 1, 20, 39]) {
          const dialect = !isKnown ? 'unknown' : filters === 'both' ? 'plural' : filters;
          const rejectedKeys = new Set(['bad']);
          const deployment = { rows, cap: 100, metadata: 'honest', filters, isStrict } as const;
          const list = serveList({ ...deployment, rejectedKeys, rejectionStatus }, { dialect });
          const found = await find(
            list,
            ids.toSpliced(place, 0, 'bad').map((name) => [name]),
          );
          expect(found.toSpliced(place, 1)).toEqual(rows.slice(300, 339));
          expect(found[place]).toBeInstanceOf(UpstreamError);
          // Each key alone, or parts of the look-up until the key is alone.
          expect(list.requests.length).toBeLessThanOrEqual(filters === 'singular' ? 40 + 6 : 2 * 6 + 6);
        }
    },
  );

  test.each(kinds)(
    'has its good rows found although pages are rejected: %s, strict %s',
    async (filters, isStrict) => {
      const rows = rowsUpTo(450);
      const dialect = filters === 'both' ? 'plural' : filters;
      const deployment = { rows, cap: 100, metadata: 'honest', filters, isStrict } as const;
      const rejectedKeys = new Set(['bad']);
      const list = serveList(
        { ...deployment, rejectedKeys, rejectionStatus, rejectsPages: true },
        { dialect },
      );
      const reader = list.createReader();
      const search = async (names: Names) =>
        reader.find(
          names.map((name) => idJoin.rowKeysOf(name)),
          rowKeysJoin,
          () => [],
        );
      // The length is unknown, so that singular keys are looked up one at a time.
      const searches =
        filters === 'singular' ? [['bad'], ['row-5'], ['row-410']] : [['bad', 'row-5', 'row-410']];
      const found: unknown[] = [];
      for (const names of searches) found.push(...(await search(names)));
      expect(found[0]).toBeInstanceOf(UpstreamError);
      expect(found.slice(1)).toEqual([rows[5], rows[410]]);
    },
  );
});

test.each([true, false])(
  'a row with one rejected name is found by the other, if that is the better one: %s',
  async (isBetter) => {
    const rows = rowsUpTo(maxRows);
    const list = serveList(
      { rows, cap: 100, metadata: 'honest', filters: 'plural', rejectedKeys: new Set(['bad']) },
      { dialect: 'plural' },
    );
    const names = isBetter ? ['row-5000', 'bad'] : ['bad', 'row-5000'];
    const [found, other] = await find(list, [names, ['row-6000']]);
    expect(other).toEqual(rows[6000]);
    if (isBetter) expect(found).toEqual(rows[5000]);
    else expect(found).toBeInstanceOf(UpstreamError);
  },
);

describe('an operation beside one with a rejected key', () => {
  test('does not take over its failure, although it joins its look-up', async () => {
    const rows = rowsUpTo(maxRows);
    const list = serveList(
      { rows, cap: 100, metadata: 'honest', filters: 'plural', rejectedKeys: new Set(['bad']) },
      { dialect: 'plural', ticksOf: () => 20 },
    );
    const first = find(
      list,
      ['bad', 'row-5', 'row-6000'].map((name) => [name]),
    );
    while (list.requests.length === 0) await tick();
    expect(await find(list, [['row-6000'], ['row-5']])).toEqual([rows[6000], rows[5]]);
    expect((await first).slice(1)).toEqual([rows[5], rows[6000]]);
    expect(list.requests.filter(({ filter }) => filter?.keys.join() === 'row-5,row-6000')).toHaveLength(1);
  });

  test.each(['both', 'plural', 'singular'] as const)(
    'makes no more calls afterwards, over a deployment whose filters are %s',
    async (filters) => {
      for (const place of [0, 1, 2]) {
        const rows = rowsUpTo(maxRows);
        const rejectedKeys = new Set(['bad']);
        const list = serveList({ rows, cap: 100, metadata: 'honest', filters, rejectedKeys });
        await find(
          list,
          ['row-5', 'row-6000'].toSpliced(place, 0, 'bad').map((name) => [name]),
        );
        expect(list.capabilities.dialect).toBe(filters === 'both' ? 'plural' : filters);
        list.requests.length = 0;
        const names = rows.slice(600, 640).map((row) => [row.id]);
        expect(await find(list, names)).toEqual(rows.slice(600, 640));
        expect(list.requests.length).toBeLessThanOrEqual(filters === 'singular' ? 41 : 1);
      }
    },
  );
});

test('another operation that learns the name does not change what a look-up under way has tested', async () => {
  const list = serveList(
    { rows: rowsUpTo(300), cap: 100, metadata: 'honest', filters: 'singular' },
    { ticksOf: () => 20 },
  );
  const found = find(list, [['row-none', 'row-250']]);
  while (list.requests.length === 0) await tick();
  expect(list.requests.map(({ filter }) => filter?.dialect)).toEqual(['either']);
  list.capabilities.learnDialect('plural');
  expect(await found).toEqual([{ id: 'row-250' }]);
});
