import { expect, test } from '@jest/globals';
import { ListCache } from '../../src/planner/list-cache.ts';
import { PageBuffer, placeOf } from '../../src/planner/page-buffer.ts';

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

test('a row repeated on the next page of a changing list is shown once', () => {
  const buffer = new PageBuffer<number>(String, 100);
  buffer.absorb(1, 100, { rows: numbers(0, 100), totalCount: 150, pageSize: 100 });
  buffer.absorb(2, 100, { rows: [99, ...numbers(100, 50)], totalCount: 151, pageSize: 100 });
  expect(buffer.rows({ start: 90, end: 110 }).map(({ row }) => row)).toEqual(numbers(90, 19));
  expect(buffer.rows({ start: 0, end: Infinity }).map(({ row }) => row)).toEqual(numbers(0, 150));
});

test('a page with fewer rows than stated is followed until a page has no new row', () => {
  const buffer = new PageBuffer<number>(String, 100);
  buffer.absorb(1, 100, { rows: [1], totalCount: 2, pageSize: 50 });
  expect(buffer.missing({ start: 0, end: 50 })).toEqual([2]);
  buffer.absorb(2, 100, { rows: [], totalCount: 2, pageSize: 50 });
  expect(buffer.missing({ start: 0, end: 50 })).toEqual([]);
  expect(buffer.totalCount).toBe(1);
  expect(buffer.isComplete).toBe(true);
});

test('smaller pages than requested are accepted', () => {
  const buffer = new PageBuffer<number>(String, 100);
  expect(buffer.missing({ start: 85, end: 115 })).toEqual([1]);
  buffer.absorb(1, 100, { rows: numbers(0, 50), totalCount: 130, pageSize: 50 });
  buffer.absorb(2, 100, { rows: numbers(50, 50), totalCount: 130, pageSize: 50 });
  expect(buffer.missing({ start: 85, end: 115 })).toEqual([3]);
  expect(buffer.rows({ start: 85, end: 90 }).map(({ row }) => row)).toEqual(numbers(85, 5));
});

test('a page that lacks a row has the page size of its metadata', () => {
  const page = { rows: numbers(0, 49), totalCount: 80, pageSize: 50 };
  expect(placeOf(1, 100, page)).toEqual({ pageIndex: 1, pageSize: 50, isRegular: false });
  expect(placeOf(1, 100, { ...page, pageSize: null })).toMatchObject({ pageSize: 100, isRegular: false });
  expect(placeOf(1, 100, { ...page, rows: numbers(0, 50) })).toMatchObject({ pageSize: 50, isRegular: true });
});

test('a repeated name resolves to the first page even if that page lacks a row', () => {
  const cache = new ListCache<{ readonly id: number; readonly name: string }>({
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
    cache.add(answer, placeOf(pageIndex, 100, page), true);
  };
  keep(1, 0, 49);
  keep(2, 50, 30);
  expect(cache.row('name 19')?.row.id).toBe(19);
});

test('rows may be missing where a page has null rows, and in all of a list that is shorter than it states', () => {
  const buffer = new PageBuffer<number>(String, 100);
  buffer.absorb(1, 100, { rows: numbers(0, 100), totalCount: 150, pageSize: 100 });
  buffer.absorb(2, 100, { rows: numbers(100, 49), totalCount: 150, pageSize: 100, nullRows: 1 });
  expect(buffer.lacksRows({ start: 0, end: 100 })).toBe(false);
  expect(buffer.lacksRows({ start: 0, end: 101 })).toBe(true);
  const short = new PageBuffer<number>(String, 100);
  short.absorb(1, 100, { rows: numbers(0, 100), totalCount: 150, pageSize: 100 });
  expect(short.lacksRows({ start: 0, end: 50 })).toBe(false);
  short.absorb(2, 100, { rows: [], totalCount: 150, pageSize: 100 });
  expect(short.lacksRows({ start: 0, end: 50 })).toBe(true);
});
