import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Page, PageRequest } from '../../src/endpoint/collection.ts';
import { UpstreamError } from '../../src/errors.ts';
import type { Dialect } from '../../src/planner/choose.ts';
import { ListReader } from '../../src/planner/list-reader.ts';
import { byId } from '../../src/planner/want.ts';

interface Deployment {
  readonly rows: number;
  /** The largest page it serves. */
  readonly cap: number;
  /** What its metadata says: all there is, all but echoing the page size asked for, or nothing. */
  readonly metadata: 'honest' | 'echo' | 'none';
  /** Which filters it applies; it ignores the others. */
  readonly filters: 'plural' | 'singular' | 'both' | 'none';
}

interface Row {
  readonly id: string;
}

function serve({ rows, cap, metadata, filters }: Deployment, learned: Dialect = 'unknown') {
  const requests: PageRequest[] = [];
  const all = Array.from({ length: rows }, (_, index): Row => ({ id: `row-${index}` }));
  const reader = new ListReader<Row>({
    identityOf: ({ id }) => id,
    filterKeyOf: ({ id }) => id,
    indexKeysOf: ({ id }) => [`id:${id}`],
    filter: { dialect: learned, hasSingular: true },
    fetchPage: (request): Promise<Page<Row>> => {
      requests.push(request);
      const { pageIndex, filter } = request;
      const pageSize = Math.min(request.pageSize, cap);
      const honoured = filter !== null && honouredKeys(filter, filters);
      const list = honoured ? all.filter(({ id }) => honoured.includes(id)) : all;
      return Promise.resolve({
        rows: list.slice((pageIndex - 1) * pageSize, pageIndex * pageSize),
        totalCount: metadata === 'none' ? null : list.length,
        pageSize: metadata === 'none' ? null : metadata === 'echo' ? request.pageSize : pageSize,
      });
    },
  });
  return { reader, requests, all };
}

function honouredKeys(
  { dialect, keys }: NonNullable<PageRequest['filter']>,
  filters: Deployment['filters'],
): readonly string[] | false {
  const isPlural = dialect !== 'singular' && (filters === 'plural' || filters === 'both');
  if (isPlural) return keys;
  const isSingular = dialect !== 'plural' && (filters === 'singular' || filters === 'both');
  return isSingular ? keys.slice(0, 1) : false;
}

const deployment = fc
  .record({
    rows: fc.integer({ min: 0, max: 420 }),
    cap: fc.constantFrom(25, 50, 100, 1000),
    metadata: fc.constantFrom('honest' as const, 'echo' as const, 'none' as const),
    filters: fc.constantFrom('plural' as const, 'singular' as const, 'both' as const, 'none' as const),
  })
  // Where metadata does not tell, a page that is cut short may be taken for the last one, or for one of another place.
  .filter(({ cap, metadata }) => metadata === 'honest' || cap >= 100);

describe('a list reader, whatever the deployment', () => {
  test('gives the window asked for, and the length of the list', async () => {
    await fc.assert(
      fc.asyncProperty(deployment, fc.nat(450), fc.nat(250), async (options, start, size) => {
        const { reader, all } = serve(options);
        const window = await reader.window({
          range: () => ({ start, end: start + size }),
          needsTotalCount: true,
        });
        expect(window.rows.map(({ row }) => row)).toEqual(all.slice(start, start + size));
        expect(window.totalCount).toBe(all.length);
        expect(window.hasMore).toBe(start + size < all.length);
      }),
      { numRuns: 300 },
    );
  });

  test('gives the first rows even where pages are cut short and say nothing of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(420), fc.constantFrom(10, 50, 99), fc.nat(450), async (rows, cap, size) => {
        const { reader, all } = serve({ rows, cap, metadata: 'echo', filters: 'none' });
        const window = await reader.window({ range: () => ({ start: 0, end: size }), needsTotalCount: true });
        expect(window.rows.map(({ row }) => row)).toEqual(all.slice(0, size));
        expect(window.totalCount).toBe(all.length);
      }),
      { numRuns: 200 },
    );
  });

  test('gives the end of the list', async () => {
    await fc.assert(
      fc.asyncProperty(deployment, fc.nat(250), async (options, size) => {
        const { reader, all } = serve(options);
        const window = await reader.window({
          range: (total) => (total === null ? null : { start: Math.max(0, total - size), end: total }),
          needsTotalCount: false,
        });
        expect(window.rows.map(({ row }) => row)).toEqual(size === 0 ? [] : all.slice(-size));
      }),
      { numRuns: 200 },
    );
  });

  test('finds what is there and nothing else, in any number of rounds', async () => {
    await fc.assert(
      fc.asyncProperty(
        deployment,
        fc.array(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 130, size: 'max' }), {
          maxLength: 3,
        }),
        fc.boolean(),
        async (options, rounds, withWindow) => {
          const { reader, all } = serve(options);
          if (withWindow)
            await reader.window({ range: () => ({ start: 120, end: 130 }), needsTotalCount: false });
          for (const numbers of rounds) {
            const found = await reader.find(numbers.map((number) => byId(`row-${number}`)));
            expect(found).toEqual(numbers.map((number) => all[number] ?? null));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('asks for no page twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        deployment,
        fc.array(fc.nat(400), { minLength: 1, maxLength: 6 }),
        async (options, starts) => {
          fc.pre(options.metadata === 'honest');
          const { reader, requests } = serve(options);
          await Promise.all(
            starts.map((start) =>
              reader.window({ range: () => ({ start, end: start + 60 }), needsTotalCount: true }),
            ),
          );
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
    const { reader, requests } = serve({ ...honest, rows: 500 });
    await reader.window({ range: () => ({ start: 85, end: 115 }), needsTotalCount: true });
    expect(requests.map(({ pageIndex }) => pageIndex)).toEqual([1, 2]);
  });

  test('are one page for a hundred rows', async () => {
    const { reader, requests } = serve({ ...honest, rows: 500 });
    await reader.window({ range: () => ({ start: 0, end: 100 }), needsTotalCount: true });
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['plural', 100, 1],
    ['plural', 101, 2],
    ['singular', 1, 1],
  ] as const)('are, known to be %s, %i look-ups in %i calls', async (filters, keys, calls) => {
    const { reader, requests } = serve({ ...honest, rows: 1000, filters }, filters);
    await reader.find(wants(keys));
    expect(requests).toHaveLength(calls);
  });

  test('are pages where those are fewer than look-ups', async () => {
    const { reader, requests } = serve({ ...honest, rows: 250, filters: 'singular' }, 'singular');
    await reader.find(wants(40));
    expect(requests.map(({ filter, pageIndex }) => [filter, pageIndex])).toEqual([
      [null, 1],
      [null, 2],
      [null, 3],
    ]);
  });

  test('are look-ups where those are fewer than pages', async () => {
    const { reader, requests } = serve({ ...honest, rows: 1000, filters: 'singular' }, 'singular');
    await reader.find(wants(4));
    expect(requests.filter(({ filter }) => filter === null)).toHaveLength(1);
    expect(requests).toHaveLength(5);
  });

  test('use the page that an ignored filter brought', async () => {
    const { reader, requests } = serve({ ...honest, rows: 90, filters: 'singular' });
    await reader.find(wants(40));
    expect(requests).toHaveLength(1);
  });

  test('are none for what a window has brought', async () => {
    const { reader, requests } = serve({ ...honest, rows: 90 });
    const window = reader.window({ range: () => ({ start: 0, end: 10 }), needsTotalCount: true });
    const found = reader.find([byId('row-60'), byId('row-9999')]);
    await Promise.all([window, found]);
    expect(await found).toEqual([{ id: 'row-60' }, null]);
    expect(requests).toHaveLength(1);
  });
});

test('keys that fail together share one error, and the others are answered', async () => {
  const failure = new UpstreamError('UPSTREAM_UNAVAILABLE', 'The upstream failed.', {
    endpoint: 'POST /rows',
  });
  const { all } = serve({ rows: 150, cap: 100, metadata: 'honest', filters: 'plural' });
  const reader = new ListReader<Row>({
    identityOf: ({ id }) => id,
    filterKeyOf: ({ id }) => id,
    indexKeysOf: ({ id }) => [`id:${id}`],
    filter: { dialect: 'plural', hasSingular: true },
    fetchPage: ({ filter }) => {
      if (filter?.keys.includes('row-0') !== false) return Promise.reject(failure);
      const rows = all.filter(({ id }) => filter.keys.includes(id));
      return Promise.resolve({ rows, totalCount: rows.length, pageSize: 100 });
    },
  });
  const settledElsewhere = [...byId('row-120'), ...byId('row-0')];
  const found = await reader.find([...all.map(({ id }) => byId(id)), settledElsewhere]);
  expect(found.slice(0, 100).every((row) => row === failure)).toBe(true);
  expect(found.slice(100)).toEqual([...all.slice(100), all[120]]);
});
