/** A key that the upstream rejects fails its own row at most, and changes nothing for other operations. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UpstreamError } from '../../src/errors.ts';
import type { Dialect } from '../../src/planner/choose.ts';
import { readWhole, type ListReader } from '../../src/planner/list-reader.ts';
import { idJoin, rowKeysJoin } from '../../src/planner/row-keys.ts';
import { cause, rowsUpTo, serveList, tick, type Deployment, type Row } from './served-list.ts';

/** Ids of a row to find, best first. */
type Names = readonly string[];

async function find(reader: ListReader<Row>, wants: readonly Names[]) {
  const keys = wants.map((names) => names.flatMap((name) => idJoin.rowKeysOf(name)));
  return reader.find(keys, rowKeysJoin, () => []);
}

function expectedRow(rows: readonly Row[], names: Names): Row | null {
  const ids = new Map(rows.map((row) => [row.id, row]));
  return names.flatMap((name) => ids.get(name) ?? []).at(0) ?? null;
}

const maxRows = 7000;

/** A search that goes on and on fails. */
const maxCalls = 1500;

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
      searches: fc.array(
        fc.record({
          wants: fc.array(fc.array(id, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 120 }),
          withRejected: fc.array(fc.record({ at: fc.nat(120), which: fc.nat(2), isFirst: fc.boolean() }), {
            maxLength: 2,
          }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
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
  let calls = 0;
  return serveList(deployment, {
    intercept: () => {
      calls += 1;
      if (calls > maxCalls) throw new Error(`more than ${maxCalls} calls`);
    },
    hasSingular,
    caches,
    dialect: isKnown ? known : hasSingular ? 'unknown' : 'plural',
    ticksOf: (call) => ticks[call % ticks.length] ?? 0,
  });
}

type Search = World['operations'][number]['searches'][number];

/** The rows of a search, with rejected keys before or after a row's other name. */
function wantsOf({ rejected }: World, search: Search): readonly Names[] {
  const wants: Names[] = [...search.wants];
  for (const { at, which, isFirst } of search.withRejected) {
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
      await Promise.all(
        given.operations.map(async ({ delay, searches }) => {
          for (let ticks = 0; ticks < delay; ticks++) await tick();
          const reader = list.createReader();
          for (const search of searches) {
            const wants = wantsOf(given, search);
            const found = await find(reader, wants);
            for (const [position, names] of wants.entries()) {
              const row = found[position];
              const isRejected = names.some((name) => given.rejected.includes(name));
              const mayFail = given.rejectsPages || (isRejected && given.rows > 50 * 100);
              if (!mayFail || !(row instanceof UpstreamError)) expect(row).toEqual(expectedRow(rows, names));
            }
          }
        }),
      );
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
            list.createReader(),
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
      const search = (names: Names) =>
        find(
          reader,
          names.map((name) => [name]),
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
    const [found, other] = await find(list.createReader(), [names, ['row-6000']]);
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
      list.createReader(),
      ['bad', 'row-5', 'row-6000'].map((name) => [name]),
    );
    while (list.requests.length === 0) await tick();
    expect(await find(list.createReader(), [['row-6000'], ['row-5']])).toEqual([rows[6000], rows[5]]);
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
          list.createReader(),
          ['row-5', 'row-6000'].toSpliced(place, 0, 'bad').map((name) => [name]),
        );
        expect(list.capabilities.dialect).toBe(filters === 'both' ? 'plural' : filters);
        list.requests.length = 0;
        const names = rows.slice(600, 640).map((row) => [row.id]);
        expect(await find(list.createReader(), names)).toEqual(rows.slice(600, 640));
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
  const found = find(list.createReader(), [['row-none', 'row-250']]);
  while (list.requests.length === 0) await tick();
  expect(list.requests.map(({ filter }) => filter?.dialect)).toEqual(['either']);
  list.capabilities.learnDialect('plural');
  expect(await found).toEqual([{ id: 'row-250' }]);
});

describe('over a long list, with the plural name', () => {
  const rows = rowsUpTo(maxRows);
  const long = { rows, cap: 100, metadata: 'honest', filters: 'plural' } as const;
  const good = (from: number, count: number) => rows.slice(from, from + count).map((row) => [row.id]);
  const serveRejecting = (rejectedKeys: readonly string[]) =>
    serveList({ ...long, rejectedKeys: new Set(rejectedKeys) }, { dialect: 'plural' });

  test.each(['honest', 'none'] as const)(
    'a key that is rejected alone costs few calls if others are accepted (metadata: %s)',
    async (metadata) => {
      const deployment = { ...long, metadata, rejectedKeys: new Set(['bad']) };
      const list = serveList(deployment, { dialect: 'plural' });
      const [found] = await find(list.createReader(), [['bad']]);
      expect(found).toBeInstanceOf(UpstreamError);
      expect(list.requests.length).toBeLessThanOrEqual(metadata === 'honest' ? 4 : 4 + 50);
    },
  );

  test('a key fails in each operation alike, whatever is cached', async () => {
    const list = serveList({ ...long, rejectedKeys: new Set(['bad']) }, { dialect: 'plural', caches: true });
    for (let operation = 1; operation <= 2; operation++) {
      const found = await find(list.createReader(), [...good(300, 39), ['bad']]);
      expect(found.slice(0, 39)).toEqual(rows.slice(300, 339));
      expect(found[39]).toBeInstanceOf(UpstreamError);
    }
  });

  test('rejected keys of earlier searches change nothing for later ones', async () => {
    const list = serveRejecting(['bad-0', 'bad-1', 'bad-2']);
    const reader = list.createReader();
    for (const key of ['bad-0', 'bad-1', 'bad-2']) await find(reader, [[key]]);
    list.requests.length = 0;
    expect(await find(reader, good(6000, 2))).toEqual(rows.slice(6000, 6002));
    expect(list.requests).toHaveLength(1);
    expect(await find(reader, [['row-5001', 'bad-0'], ['row-6']])).toEqual([rows[5001], rows[6]]);
  });

  test('many rejected keys fail alone', async () => {
    const bad = Array.from({ length: 20 }, (_, index) => `bad-${index}`);
    const list = serveRejecting(bad);
    const wants = bad.flatMap((key, index) => [...good(index * 100, 40), [key]]);
    const found = await find(list.createReader(), wants);
    expect(found.filter((row) => row instanceof UpstreamError)).toHaveLength(20);
    expect(found.filter((row) => row !== null && !(row instanceof UpstreamError))).toHaveLength(20 * 40);
  });

  test('a small look-up with a rejected key does not divide a large one into as small parts', async () => {
    const list = serveRejecting(['row-0-bad', 'row-9-bad']);
    const wants = [['row-0-bad'], ...good(1000, 99), ['row-9-bad'], ...good(4000, 3)];
    await find(list.createReader(), wants);
    expect(list.requests.length).toBeLessThanOrEqual(40);
  });

  test('no limit of keys is learned from a rejected key', async () => {
    const list = serveRejecting(['bad']);
    const wants = good(500, 59).map(([id = '']) => [`absent-${id}`, id]);
    const found = await find(list.createReader(), [...wants, ['absent', 'bad']]);
    expect(found.slice(0, 59)).toEqual(rows.slice(500, 559));
    expect(list.capabilities.keysPerCall).toBe(200);
  });
});

describe('a rejected page', () => {
  const rejection = (status: number) =>
    new UpstreamError('UPSTREAM_REFUSED', 'Refused.', { endpoint: 'POST /rows', status });
  const list = { rows: rowsUpTo(380), cap: 100, metadata: 'honest', filters: 'none' } as const;
  const read = (served: ReturnType<typeof serveList>) => readWhole(served.createReader(), cause);

  test('makes pages smaller for no operation if one of its rows is the reason', async () => {
    let isRejected = true;
    const served = serveList(list, {
      intercept: ({ pageIndex, pageSize }) => {
        const start = (pageIndex - 1) * pageSize;
        if (isRejected && start <= 14 && 14 < start + pageSize) throw rejection(400);
      },
    });
    await expect(Promise.resolve(read(served))).rejects.toThrow('Refused.');
    isRejected = false;
    served.requests.length = 0;
    expect((await read(served)).rows).toHaveLength(380);
    expect(served.requests).toHaveLength(4);
  });

  test.each([400, 422])('is read in smaller pages if its size is the reason (status %i)', async (status) => {
    const served = serveList(list, {
      intercept: ({ pageSize }) => {
        if (pageSize > 50) throw rejection(status);
      },
    });
    expect((await read(served)).rows).toHaveLength(380);
    expect(served.capabilities.pageSize).toBe(50);
  });
});
