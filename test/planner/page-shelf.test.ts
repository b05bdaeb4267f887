import { expect, test } from '@jest/globals';
import { PageShelf, placeOf } from '../../src/planner/page-shelf.ts';

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

test('a row that a moving list repeats on the next page is given once', () => {
  const shelf = new PageShelf<number>(String, 100);
  shelf.absorb(1, 100, { rows: numbers(0, 100), totalCount: 150, pageSize: 100 });
  shelf.absorb(2, 100, { rows: [99, ...numbers(100, 50)], totalCount: 151, pageSize: 100 });
  expect(shelf.rows({ start: 90, end: 110 }).map(({ row }) => row)).toEqual(numbers(90, 19));
  expect(shelf.rows({ start: 0, end: Infinity }).map(({ row }) => row)).toEqual(numbers(0, 150));
});

test('a page that promises more rows than it has is followed until nothing new comes', () => {
  const shelf = new PageShelf<number>(String, 100);
  shelf.absorb(1, 100, { rows: [1], totalCount: 2, pageSize: 50 });
  expect(shelf.missing({ start: 0, end: 50 })).toEqual([2]);
  shelf.absorb(2, 100, { rows: [], totalCount: 2, pageSize: 50 });
  expect(shelf.missing({ start: 0, end: 50 })).toEqual([]);
  expect(shelf.totalCount).toBe(1);
  expect(shelf.isComplete).toBe(true);
});

test('smaller pages than asked for are believed', () => {
  const shelf = new PageShelf<number>(String, 100);
  expect(shelf.missing({ start: 85, end: 115 })).toEqual([1]);
  shelf.absorb(1, 100, { rows: numbers(0, 50), totalCount: 130, pageSize: 50 });
  shelf.absorb(2, 100, { rows: numbers(50, 50), totalCount: 130, pageSize: 50 });
  expect(shelf.missing({ start: 85, end: 115 })).toEqual([3]);
  expect(shelf.rows({ start: 85, end: 90 }).map(({ row }) => row)).toEqual(numbers(85, 5));
});

test('a page that lacks a row is one of the size that its list is told to have', () => {
  const page = { rows: numbers(0, 49), totalCount: 80, pageSize: 50 };
  expect(placeOf(1, 100, page)).toEqual({ pageIndex: 1, pageSize: 50, isRegular: false });
  expect(placeOf(1, 100, { ...page, pageSize: null })).toMatchObject({ pageSize: 100, isRegular: false });
  expect(placeOf(1, 100, { ...page, rows: numbers(0, 50) })).toMatchObject({ pageSize: 50, isRegular: true });
});
