import { expect, test } from '@jest/globals';
import { ListCache } from '../../src/planner/list-cache.ts';
import { PageBuffer, placeOf } from '../../src/planner/page-buffer.ts';

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

test('a row that a moving list repeats on the next page is given once', () => {
  const shelf = new PageBuffer<number>(String, 100);
  shelf.absorb(1, 100, { rows: numbers(0, 100), totalCount: 150, pageSize: 100 });
  shelf.absorb(2, 100, { rows: [99, ...numbers(100, 50)], totalCount: 151, pageSize: 100 });
  expect(shelf.rows({ start: 90, end: 110 }).map(({ row }) => row)).toEqual(numbers(90, 19));
  expect(shelf.rows({ start: 0, end: Infinity }).map(({ row }) => row)).toEqual(numbers(0, 150));
});

test('a page that promises more rows than it has is followed until nothing new comes', () => {
  const shelf = new PageBuffer<number>(String, 100);
  shelf.absorb(1, 100, { rows: [1], totalCount: 2, pageSize: 50 });
  expect(shelf.missing({ start: 0, end: 50 })).toEqual([2]);
  shelf.absorb(2, 100, { rows: [], totalCount: 2, pageSize: 50 });
  expect(shelf.missing({ start: 0, end: 50 })).toEqual([]);
  expect(shelf.totalCount).toBe(1);
  expect(shelf.isComplete).toBe(true);
});

test('smaller pages than asked for are believed', () => {
  const shelf = new PageBuffer<number>(String, 100);
  expect(shelf.missing({ start: 85, end: 115 })).toEqual([1]);
  shelf.absorb(1, 100, { rows: numbers(0, 50), totalCount: 130, pageSize: 50 });
  shelf.absorb(2, 100, { rows: numbers(50, 50), totalCount: 130, pageSize: 50 });
  expect(shelf.missing({ start: 85, end: 115 })).toEqual([3]);
  expect(shelf.rows({ start: 85, end: 90 }).map(({ row }) => row)).toEqual(numbers(85, 5));
});

test('a page that lacks a row has the page size of its metadata', () => {
  const page = { rows: numbers(0, 49), totalCount: 80, pageSize: 50 };
  expect(placeOf(1, 100, page)).toEqual({ pageIndex: 1, pageSize: 50, isRegular: false });
  expect(placeOf(1, 100, { ...page, pageSize: null })).toMatchObject({ pageSize: 100, isRegular: false });
  expect(placeOf(1, 100, { ...page, rows: numbers(0, 50) })).toMatchObject({ pageSize: 50, isRegular: true });
});

test('a name that comes again is that of the first page, though the page lacks a row', () => {
  const memory = new ListCache<{ readonly id: number; readonly name: string }>({
    identityOf: ({ id }) => String(id),
    indexKeysOf: ({ name }) => [name],
  });
  const keep = (pageIndex: number, first: number, count: number) => {
    const rows = numbers(first, count).map((id) => ({ id, name: `name ${id % 50}` }));
    const page = { rows, totalCount: 80, pageSize: 50 };
    const answer = {
      ...page,
      key: String(pageIndex),
      filter: null,
      pageIndex,
      sentAt: pageIndex,
      status: 200,
      bytes: 0,
    };
    memory.keep(answer, placeOf(pageIndex, 100, page), true);
  };
  keep(1, 0, 49);
  keep(2, 50, 30);
  expect(memory.row('name 19')?.row.id).toBe(19);
});
