import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UpstreamError } from '../../src/errors.ts';
import { UnevenListError, streamPages } from '../../src/planner/page-stream.ts';
import { idJoin } from '../../src/planner/row-keys.ts';
import { cause, rowsUpTo, serveList, type Row, type ServedList } from './served-list.ts';

async function walk(list: ServedList, onPage: (page: number) => void = () => undefined): Promise<Row[]> {
  const rows: Row[] = [];
  let pages = 0;
  for await (const page of streamPages(list.createSource(), cause)) {
    rows.push(...page.rows);
    onPage(++pages);
  }
  return rows;
}

describe('a stream of the pages of a list', () => {
  test('has every row once and in order, by one call per page, or throws', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1500 }),
        fc.constantFrom(25, 50, 100, 1000),
        fc.constantFrom('honest' as const, 'echo' as const, 'none' as const),
        async (count, cap, metadata) => {
          const rows = rowsUpTo(count);
          const list = serveList({ rows, cap, metadata, filters: 'plural' });
          const size = Math.min(cap, 100);
          // Pages shorter than stated are not streamed, nor are pages without metadata.
          const isEven = metadata === 'honest' || (metadata === 'echo' && (cap >= 100 || count <= cap));
          if (!isEven) {
            await expect(walk(list)).rejects.toThrow(UnevenListError);
            return;
          }
          expect(await walk(list)).toEqual(rows);
          expect(list.requests.length).toBe(Math.max(1, Math.ceil(count / size)));
          expect(list.exposed()).toBe(count);
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    { rows: 500, lookUps: 0 },
    { rows: 6000, lookUps: 1 },
  ])('of $rows rows has a row that is searched for meanwhile by $lookUps further calls', async (given) => {
    const rows = rowsUpTo(given.rows);
    const list = serveList(
      { rows, cap: 100, metadata: 'honest', filters: 'plural' },
      { caches: true, dialect: 'plural' },
    );
    const pages = streamPages(list.createSource(), cause);
    await pages.next();
    const last = `row-${given.rows - 1}`;
    expect(await list.createReader().find([last], idJoin, () => [])).toEqual(rows.slice(-1));
    for await (const page of pages) expect(page.filter).toBeNull();
    expect(list.requests).toHaveLength(given.rows / 100 + given.lookUps);
  });

  test('ends when its last page is read, when it fails, and when it is left', async () => {
    const list = serveList({ rows: rowsUpTo(300), cap: 100, metadata: 'honest', filters: 'plural' });
    const source = list.createSource();
    const pages = streamPages(source, cause);
    await pages.next();
    expect(source.isStreaming).toBe(true);
    await pages.return();
    expect(source.isStreaming).toBe(false);
    await walk(list);
    expect(source.isStreaming).toBe(false);
    await expect(
      walk(list, () => {
        list.change({ rows: [] });
      }),
    ).rejects.toThrow(UnevenListError);
    expect(source.isStreaming).toBe(false);
  });

  test('uses cached pages, and makes no call the second time', async () => {
    const list = serveList(
      { rows: rowsUpTo(420), cap: 100, metadata: 'honest', filters: 'plural' },
      { caches: true },
    );
    await walk(list);
    const calls = list.requests.length;
    expect(await walk(list)).toHaveLength(420);
    expect(list.requests.length).toBe(calls);
    expect(list.hits).toHaveLength(5);
  });

  test('throws if the list changes its length', async () => {
    const list = serveList({ rows: rowsUpTo(900), cap: 100, metadata: 'honest', filters: 'plural' });
    const walking = walk(list, (page) => {
      if (page === 2) list.change({ rows: rowsUpTo(899) });
    });
    await expect(walking).rejects.toThrow(UnevenListError);
  });

  test('requests a few pages ahead, not all at once', async () => {
    const list = serveList({ rows: rowsUpTo(5000), cap: 100, metadata: 'honest', filters: 'plural' });
    let most = 0;
    await walk(list, (page) => (most = Math.max(most, list.requests.length - page)));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThan(10);
  });

  test('fails with the failed page, without an unhandled rejection', async () => {
    const failure = new UpstreamError('UPSTREAM_UNAVAILABLE', 'Failed.', { endpoint: 'POST /rows' });
    const list = serveList(
      { rows: rowsUpTo(900), cap: 100, metadata: 'honest', filters: 'plural' },
      {
        intercept: ({ pageIndex }) => {
          if (pageIndex > 3) throw failure;
        },
      },
    );
    await expect(walk(list)).rejects.toBe(failure);
  });
});
