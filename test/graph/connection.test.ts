import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Connection, ConnectionArguments } from '../../src/graph/connection.ts';
import { connectRows } from '../../src/graph/filtered-connection.ts';
import { isId } from '../../src/endpoint/id.ts';
import { foldName } from '../../src/fold.ts';
import { globalIdOf, parseGlobalId } from '../../src/graph/node-id.ts';
import { Pace } from '../../src/scheduler.ts';

const withRowLimit = <Value>(_size: unknown, work: () => Promise<Value>) => work();

function connect(rows: readonly number[], windowArguments: ConnectionArguments): Promise<Connection<number>> {
  const planner = { pace: () => new Pace(), withRowLimit };
  const rowQuery = { predicate: null, order: null, join: () => [], joined: null, planner };
  return connectRows(() => ({ rows, identityOf: String }), { list: ['rows'] }, rowQuery, windowArguments);
}

describe('a connection', () => {
  test('is the window that Relay describes, between any cursors', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 40 }),
        fc.option(fc.nat(39)),
        fc.option(fc.nat(39)),
        fc.constantFrom('first' as const, 'last' as const),
        fc.nat(50),
        async (length, after, before, side, size) => {
          const rows = Array.from({ length }, (_, index) => index);
          fc.pre([after, before].every((offset) => offset === null || offset < length));
          const cursors = (await connect(rows, { first: 1000 })).edges.map(({ cursor }) => cursor);
          const windowArguments: ConnectionArguments = {
            [side]: size,
            after: after === null ? null : (cursors[after] ?? null),
            before: before === null ? null : (cursors[before] ?? null),
          };
          const between = rows.filter(
            (row) => (after === null || row > after) && (before === null || row < before),
          );
          const expected =
            side === 'first' ? between.slice(0, size) : between.slice(Math.max(0, between.length - size));
          const connection = await connect(rows, windowArguments);
          expect(connection.nodes).toEqual(expected);
          expect(connection.totalCount).toBe(length);
          expect(connection.edges.map(({ cursor }) => cursor)).toEqual(expected.map((row) => cursors[row]));
          expect(connection.pageInfo.startCursor).toBe(connection.edges.at(0)?.cursor ?? null);
          expect(connection.pageInfo.endCursor).toBe(connection.edges.at(-1)?.cursor ?? null);
          const last = expected.at(-1);
          if (last !== undefined) expect(connection.pageInfo.hasNextPage).toBe(last < length - 1);
          if (expected[0] !== undefined) expect(connection.pageInfo.hasPreviousPage).toBe(expected[0] > 0);
        },
      ),
    );
  });

  test('holds fifty rows if no size is given', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => index);
    expect((await connect(rows, {})).nodes).toHaveLength(50);
  });

  test('refuses any text that is no cursor of its list', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), async (after) => {
        await expect(connect([1], { after })).rejects.toThrow(/^after: expected a cursor of this list/);
      }),
    );
  });
});

test('an empty text is no cursor', async () => {
  const { nodes } = await connect([1, 2], { last: 1, after: '', before: '' });
  expect(nodes).toEqual([2]);
});

test('a global id names its node again, whatever the ids', () => {
  const anyId = fc.string({ unit: 'grapheme' }).filter(isId);
  fc.assert(
    fc.property(anyId, anyId, (customerId, tenantId) => {
      const id = globalIdOf({ kind: 'Tenant', customerId, tenantId, name: null });
      expect(id).toMatch(/^[\w-]+$/);
      expect(parseGlobalId(id)).toEqual({
        type: 'Tenant',
        customerId: foldName(customerId),
        tenantId: foldName(tenantId),
      });
    }),
  );
});

test('a filter stops when the operation ends', async () => {
  const ended = new Error('The operation has ended.');
  let judged = 0;
  const slowly = () => {
    judged += 1;
    for (const until = performance.now() + 15; performance.now() < until;);
    return true;
  };
  const rowQuery = {
    predicate: slowly,
    order: null,
    join: () => [],
    joined: null,
    planner: { pace: () => new Pace(1, () => (judged < 3 ? null : ended)), withRowLimit },
  };
  const rows = () => ({ rows: [1, 2, 3, 4, 5, 6, 7], identityOf: String });
  await expect(connectRows(rows, { list: ['rows'] }, rowQuery, {})).rejects.toBe(ended);
  expect(judged).toBe(3);
});
