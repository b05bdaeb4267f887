import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createWaterfall, neighbourOf, type Bar } from '../../graphiql/waterfall.ts';
import type { ExplainedRequest } from '../../src/server/observability/explain.ts';

function request(changes: Partial<ExplainedRequest>): ExplainedRequest {
  return {
    source: 'CALL',
    endpoint: 'POST /users',
    path: '/users',
    startMs: 0,
    durationMs: 10,
    status: 200,
    bytes: 100,
    attempts: 1,
    fields: ['users'],
    ...changes,
  };
}

const explain = (requests: readonly ExplainedRequest[]) =>
  createWaterfall({
    calls: 1,
    roundTrips: 1,
    cacheHits: 0,
    sharedFlights: 0,
    staleAnswers: 0,
    requests,
    unlisted: 0,
  });

describe('a waterfall', () => {
  test('has a lane for each endpoint, in the order of their first calls', () => {
    const { lanes } = explain([request({}), request({ endpoint: 'POST /rows' }), request({ startMs: 20 })]);
    expect(lanes.map(({ endpoint, rows }) => [endpoint, rows.map(({ length }) => length)])).toEqual([
      ['POST /users', [2]],
      ['POST /rows', [1]],
    ]);
  });

  test('marks what has failed, but not what the cache had', () => {
    const { lanes } = explain([
      request({ status: 500 }),
      request({ status: null, startMs: 10 }),
      request({ source: 'CACHE', status: null, durationMs: 0, startMs: 20 }),
    ]);
    const bars = lanes.flatMap(({ rows }) => rows.flat());
    expect(bars.map(({ hasFailed }) => hasFailed)).toEqual([true, true, false]);
  });

  test('keeps every bar within the picture, seen, and apart from those of its row', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            startMs: fc.double({ min: 0, max: 5000, noNaN: true }),
            durationMs: fc.double({ min: 0, max: 3000, noNaN: true }),
            endpoint: fc.constantFrom('a', 'b'),
          }),
          { maxLength: 60 },
        ),
        (timings) => {
          const { lanes, ticksMs, durationMs } = explain(timings.map(request));
          const rows = lanes.flatMap((lane) => lane.rows);
          expect(rows.flat()).toHaveLength(timings.length);
          for (const bars of rows) {
            const inOrder = bars.toSorted((left, right) => left.start - right.start);
            inOrder.forEach(({ start, width }, index) => {
              expect(start).toBeGreaterThanOrEqual(0);
              expect(width).toBeGreaterThan(0.01);
              expect(start + width).toBeLessThanOrEqual(1 + 1e-9);
              const next = inOrder[index + 1];
              if (next !== undefined) expect(start + width).toBeLessThanOrEqual(next.start + 1e-9);
            });
          }
          expect(ticksMs.length).toBeLessThanOrEqual(6);
          expect(ticksMs.at(-1)).toBeLessThanOrEqual(durationMs);
        },
      ),
    );
  });
});

describe('a key on a waterfall', () => {
  const { lanes } = explain([
    request({ startMs: 0, durationMs: 50 }),
    request({ startMs: 20, durationMs: 50 }),
    request({ startMs: 80 }),
    request({ endpoint: 'POST /rows', startMs: 75 }),
  ]);
  const [users = [], rows = []] = lanes.map((lane) => lane.rows.flat());
  const at = (bars: readonly Bar[], startMs: number) => {
    const found = bars.find((bar) => bar.request.startMs === startMs);
    if (found === undefined) throw new Error(`No bar starts at ${startMs} ms.`);
    return found;
  };

  test.each([
    ['ArrowRight', at(users, 0), 20],
    ['ArrowRight', at(users, 80), undefined],
    ['ArrowLeft', at(users, 80), 20],
    ['Home', at(users, 80), 0],
    ['End', at(users, 0), 80],
    ['ArrowDown', at(users, 0), 75],
    ['ArrowUp', at(rows, 75), 80],
    ['ArrowDown', at(rows, 75), undefined],
    ['a', at(users, 0), undefined],
  ])('%s moves to the next bar of that direction, if there is one', (key, from, to) => {
    expect(neighbourOf(lanes, from, key)?.request.startMs).toBe(to);
  });
});
