import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UpstreamError } from '../../src/errors.ts';
import type { Dialect } from '../../src/planner/choose.ts';
import { ListReader, readWhole, sizeBeforeWhole, type WindowRange } from '../../src/planner/list-reader.ts';
import { idJoin, rowKeysJoin, type Join, type RowKeys } from '../../src/planner/row-keys.ts';
import { Pace } from '../../src/scheduler.ts';
import { cause, rowsUpTo, serveList, type Deployment, type Row } from './served-list.ts';

function serve(
  deployment: Omit<Deployment, 'rows'> & { readonly rows: number },
  dialect: Dialect = 'unknown',
) {
  const all = rowsUpTo(deployment.rows);
  const list = serveList({ ...deployment, rows: all }, { dialect });
  const reader = list.createReader();
  return {
    requests: list.requests,
    all,
    window: (range: WindowRange, needsTotalCount: boolean) =>
      Promise.resolve(reader.window({ range, needsTotalCount, cause })),
    find: (rows: readonly RowKeys[]) => find(reader, rows),
  };
}

const deployment = fc
  .record({
    rows: fc.integer({ min: 0, max: 420 }),
    cap: fc.constantFrom(25, 50, 100, 1000),
    metadata: fc.constantFrom('honest' as const, 'echo' as const, 'none' as const),
    filters: fc.constantFrom('plural' as const, 'singular' as const, 'both' as const, 'none' as const),
    isStrict: fc.boolean(),
    rejectedKeys: fc
      .uniqueArray(fc.integer({ min: 0, max: 500 }), { maxLength: 2 })
      .map((rows) => new Set(rows.map((row) => `row-${row}`))),
  })
  // Without metadata, a shortened page may be taken for the last one.
  .filter(({ cap, metadata }) => metadata === 'honest' || cap >= 100);

const byId = idJoin.rowKeysOf;

async function find(reader: ListReader<Row>, rows: readonly RowKeys[]) {
  return reader.find(rows, rowKeysJoin, () => []);
}

describe('a list reader of any deployment', () => {
  test('returns the requested window and the length of the list', async () => {
    await fc.assert(
      fc.asyncProperty(deployment, fc.nat(450), fc.nat(250), async (options, start, size) => {
        const { window, all } = serve(options);
        const result = await window(() => ({ start, end: start + size }), true);
        expect(result.rows).toEqual(all.slice(start, start + size));
        expect(result.totalCount).toBe(all.length);
        expect(result.hasMore).toBe(start + size < all.length);
      }),
      { numRuns: 300 },
    );
  });

  test('returns the first rows even if pages are shortened without metadata', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(420), fc.constantFrom(10, 50, 99), fc.nat(450), async (rows, cap, size) => {
        const { window, all } = serve({ rows, cap, metadata: 'echo', filters: 'none' });
        const result = await window(() => ({ start: 0, end: size }), true);
        expect(result.rows).toEqual(all.slice(0, size));
        expect(result.totalCount).toBe(all.length);
      }),
      { numRuns: 200 },
    );
  });

  test('returns the end of the list', async () => {
    await fc.assert(
      fc.asyncProperty(deployment, fc.nat(250), async (options, size) => {
        const { window, all } = serve(options);
        const result = await window(
          (total) => (total === null ? null : { start: Math.max(0, total - size), end: total }),
          false,
        );
        expect(result.rows).toEqual(size === 0 ? [] : all.slice(-size));
      }),
      { numRuns: 200 },
    );
  });

  test('finds existing rows only, in any number of rounds', async () => {
    await fc.assert(
      fc.asyncProperty(
        deployment,
        fc.array(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 130, size: 'max' }), {
          maxLength: 3,
        }),
        fc.boolean(),
        async (options, rounds, withWindow) => {
          const { window, find, all, requests } = serve(options);
          if (withWindow) await window(() => ({ start: 120, end: 130 }), false);
          for (const numbers of rounds) {
            const found = await find(numbers.map((number) => byId(`row-${number}`)));
            expect(found).toEqual(numbers.map((number) => all[number] ?? null));
          }
          // Look-ups that choose between names, sizes and pages end.
          expect(requests.length).toBeLessThan(500);
        },
      ),
      { numRuns: 600 },
    );
  });

  test('requests no page twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        deployment,
        fc.array(fc.nat(400), { minLength: 1, maxLength: 6 }),
        async (options, starts) => {
          fc.pre(options.metadata === 'honest');
          const { window, requests } = serve(options);
          await Promise.all(starts.map((start) => window(() => ({ start, end: start + 60 }), true)));
          const served = requests.map(
            ({ pageIndex, pageSize }) => `${pageIndex} of ${Math.min(pageSize, options.cap)}`,
          );
          expect(new Set(served).size).toBe(served.length);
        },
      ),
    );
  });
});

describe('the calls of a list reader', () => {
  const honest = { cap: 100, metadata: 'honest', filters: 'plural' } as const;
  const wants = (count: number) =>
    Array.from({ length: count }, (_, index) => byId(`row-${240 - index * 6}`));

  test('are two pages for thirty rows after the eighty-fifth', async () => {
    const { window, requests } = serve({ ...honest, rows: 500 });
    await window(() => ({ start: 85, end: 115 }), true);
    expect(requests.map(({ pageIndex }) => pageIndex)).toEqual([1, 2]);
  });

  test('are one page for a hundred rows', async () => {
    const { window, requests } = serve({ ...honest, rows: 500 });
    await window(() => ({ start: 0, end: 100 }), true);
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['plural', 100, 1],
    ['plural', 101, 2],
    ['singular', 1, 1],
  ] as const)('are, known to be %s, %i look-ups in %i calls', async (filters, keys, calls) => {
    const { find, requests } = serve({ ...honest, rows: 1000, filters }, filters);
    await find(wants(keys));
    expect(requests).toHaveLength(calls);
  });

  test('are pages if those are fewer than look-ups', async () => {
    const { find, requests } = serve({ ...honest, rows: 250, filters: 'singular' }, 'singular');
    await find(wants(40));
    expect(requests.map(({ filter, pageIndex }) => [filter, pageIndex])).toEqual([
      [null, 1],
      [null, 2],
      [null, 3],
    ]);
  });

  test('are look-ups if those are fewer than pages', async () => {
    const { find, requests } = serve({ ...honest, rows: 1000, filters: 'singular' }, 'singular');
    await find(wants(4));
    expect(requests.filter(({ filter }) => filter === null)).toHaveLength(1);
    expect(requests).toHaveLength(5);
  });

  test('use the page that an ignored filter returned', async () => {
    const { find, requests } = serve({ ...honest, rows: 90, filters: 'singular' });
    await find(wants(40));
    expect(requests).toHaveLength(1);
  });

  test('are none for rows of a loaded window', async () => {
    const { window, find, requests } = serve({ ...honest, rows: 90 });
    const read = window(() => ({ start: 0, end: 10 }), true);
    const found = find([byId('row-60'), byId('row-9999')]);
    await Promise.all([read, found]);
    expect(await found).toEqual([{ id: 'row-60' }, null]);
    expect(requests).toHaveLength(1);
  });
});

describe('the cost of look-ups', () => {
  const situation = fc.record({
    rows: fc.integer({ min: 1, max: 900 }),
    keys: fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 130, size: 'max' }),
    isLengthKnown: fc.boolean(),
    pageAtHand: fc.boolean(),
  });

  const costOf = async (
    {
      rows,
      keys,
      isLengthKnown,
      pageAtHand,
    }: typeof situation extends fc.Arbitrary<infer Value> ? Value : never,
    filters: 'plural' | 'singular',
  ) => {
    const { window, find, requests, all } = serve({ rows, cap: 100, metadata: 'honest', filters });
    if (isLengthKnown) await window(() => ({ start: 0, end: 0 }), true);
    if (pageAtHand) await window(() => ({ start: 0, end: 1 }), true);
    requests.length = 0;
    const found = await find(keys.map((key) => byId(`row-${key}`)));
    expect(found).toEqual(keys.map((key) => all[key] ?? null));
    const isAtHand = (key: number) => pageAtHand && key < 100;
    return {
      cost: requests.length,
      keysLeft: keys.filter((key) => !isAtHand(key)).length,
      pagesLeft: Math.ceil(rows / 100) - (pageAtHand ? 1 : 0),
      isLengthKnown: isLengthKnown || pageAtHand,
    };
  };

  test('in the singular is at most the keys or the pages, plus one call if the length is unknown', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (given) => {
        const { cost, keysLeft, pagesLeft, isLengthKnown } = await costOf(given, 'singular');
        expect(cost).toBeLessThanOrEqual(Math.min(keysLeft, pagesLeft) + (isLengthKnown ? 0 : 1));
      }),
      { numRuns: 400 },
    );
  });

  test('in the plural is at most the batches or the pages, plus one call to detect the dialect', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async ({ keys, ...given }) => {
        // Keys without a row do not show the dialect.
        const present = keys.filter((key) => key < given.rows);
        const { cost, keysLeft, pagesLeft } = await costOf({ ...given, keys: present }, 'plural');
        expect(cost).toBeLessThanOrEqual(Math.min(Math.ceil(keysLeft / 100) + 1, Math.max(1, pagesLeft)));
      }),
      { numRuns: 400 },
    );
  });
});

test('a concurrent window and look-up cost the pages of the window, plus the remaining keys or pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 900 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 899 }), { minLength: 1, maxLength: 20 }),
      fc.nat(800),
      fc.nat(150),
      async (rows, numbers, start, size) => {
        const keys = numbers.filter((number) => number < rows);
        const list = { rows, cap: 100, metadata: 'honest', filters: 'singular' } as const;
        const { window, find, requests, all } = serve(list, 'singular');
        await window(() => ({ start: 0, end: 0 }), true);
        requests.length = 0;
        const [found] = await Promise.all([
          find(keys.map((key) => byId(`row-${key}`))),
          window(() => ({ start, end: start + size }), false),
        ]);
        expect(found).toEqual(keys.map((key) => all[key]));
        const pages = new Set<number>();
        for (let row = start; row < Math.min(start + size, rows); row++) pages.add(Math.floor(row / 100));
        const keysLeft = keys.filter((key) => !pages.has(Math.floor(key / 100))).length;
        const pagesLeft = Math.ceil(rows / 100) - pages.size;
        expect(requests.length).toBeLessThanOrEqual(pages.size + Math.min(keysLeft, pagesLeft));
      },
    ),
    { numRuns: 300 },
  );
});

test('keys beyond the hundred that a deployment tests are looked up again', async () => {
  const rows = rowsUpTo(100).map(({ id }, index) => ({ id: index % 2 === 0 ? `a-${id}` : `b-${id}` }));
  const { createReader } = serveList(
    { rows, cap: 100, metadata: 'honest', filters: 'plural', keyCap: 100 },
    { dialect: 'plural' },
  );
  const wants = rowsUpTo(100).map(({ id }) => [...byId(`a-${id}`), ...byId(`b-${id}`)]);
  expect(await find(createReader(), wants)).toEqual(rows);
});

test.each(['plural', 'singular'] as const)(
  'a deployment that rejects the name it does not know is asked under the other one, for good: %s',
  async (filters) => {
    const rows = rowsUpTo(500);
    for (const count of [1, 3]) {
      const { createReader, requests, capabilities } = serveList({
        rows,
        cap: 100,
        metadata: 'honest',
        filters,
        isStrict: true,
      });
      const wants = rows.slice(300, 300 + count);
      expect(
        await find(
          createReader(),
          wants.map(({ id }) => byId(id)),
        ),
      ).toEqual(wants);
      expect(capabilities.dialect).toBe(filters);
      requests.length = 0;
      expect(await find(createReader(), [byId('row-400')])).toEqual([{ id: 'row-400' }]);
      expect(requests).toHaveLength(1);
    }
  },
);

test.each(['plural', 'singular', 'both', 'none'] as const)(
  'a rejected page with a filter is followed by one look-up that shows the dialect: %s',
  async (filters) => {
    const rows = rowsUpTo(400);
    const rejection = new UpstreamError('UPSTREAM_REFUSED', 'Refused.', {
      endpoint: 'POST /rows',
      status: 400,
    });
    const { createReader, requests } = serveList(
      { rows, cap: 100, metadata: 'honest', filters },
      {
        intercept: ({ filter, pageIndex }) => {
          if (filter !== null && pageIndex > 1) throw rejection;
        },
      },
    );
    const wants = [...rows.slice(100, 105), ...rows.slice(200, 205)];
    const rejected = async () => {
      requests.length = 0;
      const reader = createReader();
      await reader.window({ range: () => ({ start: 0, end: 20 }), needsTotalCount: true, cause });
      expect(
        await find(
          reader,
          wants.map(({ id }) => byId(id)),
        ),
      ).toEqual(wants);
      return requests.filter(({ filter, pageIndex }) => filter !== null && pageIndex > 1).length;
    };
    expect(await rejected()).toBe(1);
    expect(requests.length).toBeLessThanOrEqual(4 + 2);
    expect(await rejected()).toBe(0);
  },
);

test('expensive limits of a deployment are tested again after a while', async () => {
  let now = 0;
  const rows = rowsUpTo(500);
  const { createReader, requests, capabilities, change } = serveList(
    { rows, cap: 20, metadata: 'honest', filters: 'none' },
    { clock: () => now },
  );
  expect(await find(createReader(), [byId('row-70')])).toEqual([rows[70]]);
  expect([capabilities.dialect, capabilities.pageSize]).toEqual(['none', 20]);
  change({ cap: 100, filters: 'plural' });
  now += 16 * 60_000;
  requests.length = 0;
  expect(await find(createReader(), [byId('row-170'), byId('row-270')])).toEqual([rows[170], rows[270]]);
  expect(requests).toHaveLength(1);
  expect([capabilities.dialect, capabilities.pageSize]).toEqual(['plural', 100]);
});

describe('a key rejected under every name', () => {
  const serve = (dialect: Dialect) => {
    const filters = dialect === 'singular' ? 'singular' : 'plural';
    const list = { rows: rowsUpTo(500), cap: 100, metadata: 'honest', filters } as const;
    return serveList({ ...list, rejectedKeys: new Set(['row-300']) }, { dialect });
  };

  test.each(['plural', 'singular', 'unknown'] as const)(
    'is searched in the pages, and no capability is learned from it: %s',
    async (dialect) => {
      const { createReader, capabilities } = serve(dialect);
      expect(await find(createReader(), [byId('row-300')])).toEqual([{ id: 'row-300' }]);
      expect(capabilities.dialect).toBe(dialect);
    },
  );
});

describe.each(['plural', 'singular', 'both', 'none'] as const)(
  'a look-up with one rejected key, over a deployment whose filters are %s',
  (filters) => {
    const serve = (rows: readonly Row[], isStrict: boolean) =>
      serveList({ rows, cap: 100, metadata: 'honest', filters, isStrict, rejectedKeys: new Set(['bad']) });

    test.each([true, false])('ends, and finds the other rows (strict: %s)', async (isStrict) => {
      const rows = rowsUpTo(1000);
      const { createReader, requests } = serve(rows, isStrict);
      const found = await find(createReader(), ['bad', 'row-5', 'row-210'].map(byId));
      expect(found).toEqual([null, rows[5], rows[210]]);
      expect(requests.length).toBeLessThanOrEqual(10 + 4);
    });

    test.each(['unknown', 'plural', 'singular'] as const)(
      'makes few calls besides the pages, wherever the key is, if the dialect was %s',
      async (dialect) => {
        const rows = rowsUpTo(6000);
        // If the singular name works, or is known to, each key is looked up before pages are read for the rejected one.
        const looksUpEach = dialect === 'singular' || filters === 'singular' || filters === 'both';
        for (const isStrict of [true, false])
          for (const place of [0, 20, 39]) {
            const list = {
              rows,
              cap: 100,
              metadata: 'honest',
              filters,
              isStrict,
              rejectedKeys: new Set(['bad']),
            } as const;
            const { createReader, requests } = serveList(list, { dialect });
            const ids = rows.slice(300, 339).map(({ id }) => id);
            const found = await find(createReader(), ids.toSpliced(place, 0, 'bad').map(byId));
            expect(found.toSpliced(place, 1)).toEqual(rows.slice(300, 339));
            expect(requests.length).toBeLessThanOrEqual(60 + 5 + (looksUpEach ? 40 : 0));
          }
      },
    );

    test.each([true, false])('makes later look-ups no more expensive (strict: %s)', async (isStrict) => {
      const rows = rowsUpTo(1000);
      const calls: number[] = [];
      for (const isFirst of [true, false]) {
        const { createReader, requests, capabilities } = serve(rows, isStrict);
        if (!isFirst) await find(createReader(), ['bad', 'row-5', 'row-210'].map(byId));
        requests.length = 0;
        expect(await find(createReader(), [byId('row-700')])).toEqual([rows[700]]);
        await find(
          createReader(),
          rows.slice(300, 340).map(({ id }) => byId(id)),
        );
        calls.push(requests.length);
        if (filters === 'both') expect(capabilities.dialect).not.toBe('singular');
      }
      expect(calls[1]).toBeLessThanOrEqual(calls[0] ?? 0);
    });
  },
);

test.each([
  ['one row', 1],
  ['several rows', 4],
  ['rows on all pages', 30],
])('a deployment that rejects every filter is read in pages: %s', async (_what, count) => {
  const rows = rowsUpTo(450);
  const { createReader, requests } = serveList({
    rows,
    cap: 100,
    metadata: 'honest',
    filters: 'none',
    isStrict: true,
  });
  const wants = rows.filter((_row, index) => index % 15 === 7).slice(-count);
  const found = await find(
    createReader(),
    wants.map(({ id }) => byId(id)),
  );
  expect(found).toEqual(wants);
  expect(requests.filter(({ filter }) => filter === null).length).toBeLessThanOrEqual(5);
  expect(requests.length).toBeLessThanOrEqual(8);
});

test('a rejected name is learned from keys that are rejected alone, and is not asked again', async () => {
  const rows = rowsUpTo(250);
  const { createReader, requests } = serveList({
    rows,
    cap: 100,
    metadata: 'honest',
    filters: 'singular',
    isStrict: true,
  });
  const wants = [rows[3], rows[120], rows[140], rows[210]];
  const rejectedLookUps = async () => {
    requests.length = 0;
    const found = await find(
      createReader(),
      wants.map((row) => byId(row?.id ?? '')),
    );
    expect(found).toEqual(wants);
    return requests.filter(({ filter }) => filter !== null && filter.dialect !== 'singular').length;
  };
  expect(await rejectedLookUps()).toBe(2);
  expect(await rejectedLookUps()).toBe(0);
});

test('a deployment that rejects many keys receives fewer', async () => {
  const rows = rowsUpTo(100).map(({ id }) => ({ id: `b-${id}` }));
  const rejection = new UpstreamError('UPSTREAM_REFUSED', 'Refused.', {
    endpoint: 'POST /rows',
    status: 400,
  });
  const { createReader, requests } = serveList(
    { rows, cap: 100, metadata: 'honest', filters: 'plural' },
    {
      dialect: 'plural',
      intercept: ({ filter }) => {
        if (filter !== null && filter.keys.length > 100) throw rejection;
      },
    },
  );
  const wants = rows.map(({ id }) => [...byId(id.replace('b', 'a')), ...byId(id)]);
  expect(await find(createReader(), wants)).toEqual(rows);
  requests.length = 0;
  expect(await find(createReader(), wants)).toEqual(rows);
  expect(requests).toHaveLength(2);
});

test('keys that fail together share one error, and the others are found', async () => {
  const failure = new UpstreamError('UPSTREAM_UNAVAILABLE', 'The upstream failed.', {
    endpoint: 'POST /rows',
  });
  const rows = rowsUpTo(150);
  const { createReader } = serveList(
    { rows, cap: 100, metadata: 'honest', filters: 'plural' },
    {
      dialect: 'plural',
      intercept: ({ filter }) => {
        if (filter?.keys.includes('row-0') !== false) throw failure;
      },
    },
  );
  const settledElsewhere = [...byId('row-99'), ...byId('row-0')];
  const found = await find(createReader(), [...rows.map(({ id }) => byId(id)), settledElsewhere]);
  const byLookUp = rows.map(({ id }) => id).sort();
  const failed = new Set(byLookUp.slice(0, 100));
  expect(found.slice(0, 150)).toEqual(rows.map((row) => (failed.has(row.id) ? failure : row)));
  expect(found[150]).toEqual(rows[99]);
});

test('pages that arrive during a search resolve it, and none of their rows is looked up', async () => {
  const rows = rowsUpTo(150);
  const { createSource, requests } = serveList(
    { rows, cap: 100, metadata: 'honest', filters: 'plural' },
    { dialect: 'plural' },
  );
  const after = async (microtasks: number) => {
    for (let passed = 0; passed < microtasks; passed++) await Promise.resolve();
  };
  const wants = rows.map(({ id }) => byId(id));
  for (let started = 0; started < 20; started++) {
    for (let late = 0; late < 20; late++) {
      const source = createSource();
      const reader = new ListReader({
        ...source,
        fetch: async (request, causes) => {
          const answer = await source.fetch(request, causes);
          // Other operations may have waited for the same answer.
          await new Promise<void>((resolve) => {
            process.nextTick(resolve);
          });
          await after(late);
          return answer;
        },
      });
      requests.length = 0;
      const whole = reader.window({ range: () => ({ start: 0, end: 150 }), needsTotalCount: true, cause });
      await after(started);
      expect(await find(reader, wants)).toEqual(rows);
      await whole;
      expect(requests.every(({ filter }) => filter === null)).toBe(true);
      expect(requests).toHaveLength(2);
    }
  }
});

test('pages that another operation has read meanwhile count in the choice: a page wins a tie', async () => {
  const rows = rowsUpTo(150);
  const list = serveList(
    { rows, cap: 100, metadata: 'honest', filters: 'plural' },
    { dialect: 'plural', caches: true },
  );
  const reader = list.createReader();
  await list.createReader().window({ range: () => ({ start: 0, end: 100 }), needsTotalCount: false, cause });
  list.requests.length = 0;
  expect(
    await find(
      reader,
      rows.map(({ id }) => byId(id)),
    ),
  ).toEqual(rows);
  expect(list.requests).toEqual([{ pageIndex: 2, pageSize: 100, filter: null }]);
});

test('a search stops when the operation ends', async () => {
  const { createSource, requests } = serveList({
    rows: rowsUpTo(50),
    cap: 100,
    metadata: 'honest',
    filters: 'plural',
  });
  const ended = new UpstreamError('DEADLINE_EXCEEDED', 'The time is over.', { endpoint: 'none' });
  let looked = 0;
  const reader = new ListReader({
    ...createSource(),
    pace: () => new Pace(1, () => (looked < 3 ? null : ended)),
  });
  let isSearching = false;
  const slow: Join<string> = {
    firstNameOf: idJoin.firstNameOf,
    rowKeysOf: (id) => {
      if (isSearching) {
        looked += 1;
        for (const until = performance.now() + 15; performance.now() < until;);
      }
      return byId(id);
    },
  };
  const ids = rowsUpTo(50).map(({ id }) => id);
  const found = reader.find(ids, slow, () => []);
  isSearching = true;
  await expect(found).rejects.toBe(ended);
  expect(looked).toBe(3);
  expect(requests).toEqual([]);
  expect(await find(reader, [])).toEqual([]);
});

describe('a name with rows on two pages', () => {
  test('resolves to the first of them, which dates the answer', async () => {
    let now = 0;
    const rows = rowsUpTo(160).map((row, index) => (index % 100 === 50 ? { ...row, mail: 'same' } : row));
    const list = serveList(
      { rows, cap: 100, metadata: 'honest', filters: 'none' },
      { caches: true, clock: () => now },
    );
    const windowOf = (reader: ListReader<Row>, start: number) =>
      reader.window({ range: () => ({ start, end: start + 10 }), needsTotalCount: false, cause });
    await windowOf(list.createReader(), 0);
    now = 10_000;
    // Page 1 is cached, and page 2 is loaded.
    const reader = list.createReader();
    await windowOf(reader, 110);
    expect(await find(reader, [[{ index: 'mail:same' }]])).toEqual([rows[50]]);
    expect(list.dates).toEqual([0]);
  });

  test.each([
    ['an address of one page', [[{ index: 'mail:same' }]], 50, [1]],
    ['an address that no other page has', [[{ index: 'mail:other' }]], 120, [1]],
    ['an id', [byId('row-150')], 150, []],
    ['an address of two names', [[{ index: 'mail:none' }, { index: 'mail:same' }]], 50, [1, 3]],
  ] as const)(
    'is searched on pages before a page that was read alone: %s',
    async (_name, keys, at, pages) => {
      const rows = rowsUpTo(280).map((row, index) =>
        index % 100 === 50 ? { ...row, mail: 'same' } : index === 120 ? { ...row, mail: 'other' } : row,
      );
      const { createReader, requests } = serveList(
        { rows, cap: 100, metadata: 'honest', filters: 'none' },
        { caches: true },
      );
      const range = { start: 110, end: 120 };
      await createReader().window({ range: () => range, needsTotalCount: false, cause });
      requests.length = 0;
      expect(await find(createReader(), keys)).toEqual([rows[at]]);
      expect(requests.map(({ pageIndex }) => pageIndex)).toEqual(pages);
    },
  );
});

describe('a strict deployment', () => {
  const strict = { rows: rowsUpTo(300), cap: 100, metadata: 'honest', isStrict: true } as const;

  test.each([
    ['plural', 'singular'],
    ['singular', 'plural'],
  ] as const)('that changes from the %s name to the %s one is still searched', async (before, after) => {
    const { change, createReader, capabilities } = serveList({ ...strict, filters: before });
    expect(await find(createReader(), [byId('row-7')])).toEqual([{ id: 'row-7' }]);
    change({ filters: after });
    expect(await find(createReader(), [byId('row-8')])).toEqual([{ id: 'row-8' }]);
    expect(capabilities.dialect).toBe(after);
    change({ filters: before });
    expect(await find(createReader(), [byId('row-9')])).toEqual([{ id: 'row-9' }]);
  });

  test.each(['plural', 'singular'] as const)(
    'shows its %s name to several operations at once',
    async (filters) => {
      const { createReader } = serveList({ ...strict, filters });
      const ids = ['row-1', 'row-101', 'row-201', 'row-299'];
      const searches = ids.map(async (id, ticks) => {
        for (let tick = 0; tick < 3 * ticks; tick++) await Promise.resolve();
        return find(createReader(), [byId(id)]);
      });
      expect(await Promise.all(searches)).toEqual(ids.map((id) => [{ id }]));
    },
  );
});

test.each([25, 50])(
  'a list that fits one page of %i rows is read once, whatever size is asked for',
  async (cap) => {
    const { createReader, requests } = serveList(
      { rows: rowsUpTo(cap - 1), cap, metadata: 'honest', filters: 'plural' },
      { caches: true },
    );
    const read = () => readWhole(createReader(), cause);
    expect((await read()).rows).toHaveLength(cap - 1);
    expect((await read()).rows).toHaveLength(cap - 1);
    expect(requests).toHaveLength(1);
  },
);

test('a list without a length is counted once', async () => {
  const { createReader, requests } = serveList(
    { rows: rowsUpTo(130), cap: 100, metadata: 'none', filters: 'plural' },
    { caches: true },
  );
  const count = async () => {
    const noRows = { start: 0, end: 0 };
    const window = await createReader().window({ range: () => noRows, needsTotalCount: true, cause });
    return window.totalCount;
  };
  expect(await count()).toBe(130);
  const calls = requests.length;
  expect(await count()).toBe(130);
  expect(requests).toHaveLength(calls);
});

test('a cached window uses its own pages, however many are concatenated', async () => {
  const { createReader, hits } = serveList(
    { rows: rowsUpTo(500), cap: 100, metadata: 'honest', filters: 'plural' },
    { caches: true },
  );
  await readWhole(createReader(), cause);
  await readWhole(createReader(), cause);
  hits.length = 0;
  const range = () => ({ start: 10, end: 110 });
  const window = await createReader().window({ range, needsTotalCount: true, cause });
  expect(window.pages).toHaveLength(2);
  expect(hits.map(({ of }) => of)).toEqual(
    [1, 2].map((pageIndex) => ({ page: { pageIndex, pageSize: 100 } })),
  );
});

describe('the estimated size of work on a whole list', () => {
  test('is its cached length, without a recorded hit', async () => {
    const list = serveList(
      { rows: rowsUpTo(150), cap: 100, metadata: 'honest', filters: 'none' },
      { caches: true },
    );
    await readWhole(list.createReader(), cause);
    const [requests, hits] = [list.requests.length, list.hits.length];
    expect(sizeBeforeWhole(list.createReader(), null, cause)).toEqual({ rows: 150, isCached: true });
    expect([list.requests.length, list.hits.length]).toEqual([requests, hits]);
  });

  test('is not cached if a page of this list or the joined one is missing', async () => {
    const rows = rowsUpTo(250);
    const list = serveList({ rows, cap: 100, metadata: 'honest', filters: 'none' }, { caches: true });
    const isCached = async (joined: { readonly isCached: boolean } | null) =>
      (await sizeBeforeWhole(list.createReader(), joined, cause)).isCached;
    const range: WindowRange = () => ({ start: 100, end: 101 });
    await list.createReader().window({ range, needsTotalCount: false, cause });
    expect(await isCached(null)).toBe(false);
    await readWhole(list.createReader(), cause);
    expect(await isCached(null)).toBe(true);
    expect(await isCached({ isCached: true })).toBe(true);
    expect(await isCached({ isCached: false })).toBe(false);
  });

  test('is the length of the first page, or assumed if the upstream sends none', async () => {
    const lengthOf = (metadata: Deployment['metadata']) => {
      const list = serveList({ rows: rowsUpTo(150), cap: 100, metadata, filters: 'none' });
      return sizeBeforeWhole(list.createReader(), null, cause);
    };
    expect(await lengthOf('honest')).toEqual({ rows: 150, isCached: false });
    expect(await lengthOf('none')).toEqual({ rows: 5000, isCached: false });
  });
});
