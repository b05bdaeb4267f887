import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readLifetimes } from '../../src/config/lifetimes.ts';
import type { PageRequest } from '../../src/endpoint/collection.ts';
import type { Filter } from '../../src/endpoint/collection.ts';
import { customers } from '../../src/endpoint/customers.ts';
import { protectionStatuses } from '../../src/endpoint/protection-statuses.ts';
import type { CustomerRecord } from '../../src/model.ts';
import { Eviction } from '../../src/planner/eviction.ts';
import { freshnessOf, type Lifetime } from '../../src/planner/freshness.ts';
import { ListCache, type ListAnswer } from '../../src/planner/list-cache.ts';
import { UpstreamCache } from '../../src/planner/upstream-cache.ts';

function customer(index: number, version: number): CustomerRecord {
  return customers.decodeRow({ id: `c-${index}`, organization: `version ${version}` }, {});
}

function answerOf(key: string, sentAt: number, rows: readonly CustomerRecord[]): ListAnswer<CustomerRecord> {
  return {
    key,
    pageIndex: 1,
    filter: null,
    sentAt,
    rows,
    totalCount: 40,
    pageSize: 10,
    status: 200,
    bytes: 100 * rows.length,
  };
}

const lifetime: Lifetime = {
  freshMs: 100,
  absentMs: 40,
  staleWhileRevalidateMs: 50,
  staleIfErrorMs: 1000,
};

describe('the cache', () => {
  const maxBytes = 60_000;
  const setUp = () => {
    const cache = new UpstreamCache({
      maxBytes,
      clock: () => 0,
      lifetimes: readLifetimes(() => lifetime),
    });
    return { cache, list: () => cache.of('credential').collections.customers.list({}) };
  };

  test('never exceeds its limit, and has the latest answer of each key', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 12 }),
      rows: fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { maxLength: 25 }),
      sentAt: fc.integer({ min: 0, max: 50 }),
      pageIndex: fc.option(fc.integer({ min: 1, max: 4 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { cache, list } = setUp();
        const kept = new Map<string, ListAnswer<CustomerRecord>>();
        for (const { key, rows, sentAt, pageIndex } of steps) {
          const answer = answerOf(
            String(key),
            sentAt,
            rows.map((row) => customer(row, sentAt)),
          );
          const request: PageRequest = {
            pageIndex: pageIndex ?? 1,
            pageSize: 10,
            filter: pageIndex === null ? { dialect: 'plural', keys: [] } : null,
          };
          cache.cacheAnswer(list(), request, answer);
          kept.set(answer.key, answer);
          expect(cache.bytes).toBeLessThanOrEqual(maxBytes);
          for (let index = 0; index < 40; index++) {
            const cachedRow = list().cache.row(`id:c-${index}`);
            if (cachedRow === undefined) continue;
            expect(kept.get(cachedRow.answer.key)).toBe(cachedRow.answer);
            expect(cachedRow.answer.rows).toContain(cachedRow.row);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('evicts the least recently used entry', () => {
    const { cache, list } = setUp();
    const rows = Array.from({ length: 30 }, (_, index) => customer(index, 0));
    const request: PageRequest = { pageIndex: 1, pageSize: 10, filter: { dialect: 'plural', keys: [] } };
    cache.cacheAnswer(list(), request, answerOf('used', 0, rows));
    cache.cacheAnswer(list(), request, answerOf('unused', 0, [customer(35, 0)]));
    for (let index = 0; index < 20; index++) {
      cache.touch('used');
      cache.cacheAnswer(
        list(),
        request,
        answerOf(`other ${index}`, 0, [customer(39, index), ...rows.slice(0, 3)]),
      );
    }
    expect(list().cache.row('id:c-29')).toBeDefined();
    expect(list().cache.row('id:c-35')).toBeUndefined();
  });

  test('is separate for each credential', () => {
    const { cache } = setUp();
    const request: PageRequest = { pageIndex: 1, pageSize: 10, filter: null };
    cache.cacheAnswer(
      cache.of('one').collections.customers.list({}),
      request,
      answerOf('a', 0, [customer(1, 1)]),
    );
    expect(cache.of('one').collections.customers.list({}).cache.row('id:c-1')).toBeDefined();
    expect(cache.of('other').collections.customers.list({}).cache.row('id:c-1')).toBeUndefined();
  });
});

describe('a list', () => {
  const page = (pageIndex: number) => ({ pageIndex, pageSize: 10, isRegular: true });
  const pages = (count: number, sentAt: number, totalCount: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...answerOf(
        `page ${index}`,
        sentAt,
        Array.from({ length: 10 }, (_row, row) => customer(index * 10 + row, sentAt)),
      ),
      totalCount,
    }));

  test('is complete with its last page, until one is evicted or the length changes', () => {
    const list = new ListCache(customers);
    const all = pages(4, 1, 40);
    for (const [index, answer] of all.entries()) {
      expect(list.wholeSince).toBeNull();
      list.add(answer, page(index + 1), true);
    }
    expect(list.wholeSince).not.toBeNull();
    expect(list.wholeSince).toBe(1);
    const [changed] = pages(1, 2, 39);
    if (changed) list.add(changed, page(1), true);
    expect(list.wholeSince).toBeNull();
    expect(list.page({ pageIndex: 2, pageSize: 10 })).toBeUndefined();
    expect(list.row('id:c-15')).toBeDefined();
    for (const answer of all) list.remove(answer);
    expect(list.row('id:c-15')).toBeUndefined();
    expect(list.row('id:c-5')?.row.organization).toBe('version 2');
  });

  test('concatenates consecutive pages, whatever was concatenated before', () => {
    const change = fc.record({ index: fc.nat(5), hasRepeat: fc.boolean(), isEvicted: fc.boolean() });
    const range = fc.record({ first: fc.nat(5), length: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(fc.oneof(change, range), { maxLength: 30 }), (steps) => {
        const list = new ListCache(customers);
        const now = pages(6, 1, 60);
        for (const [index, answer] of now.entries()) list.add(answer, page(index + 1), true);
        const evicted = new Set<number>();
        for (const [step, each] of steps.entries()) {
          if ('first' in each) {
            const [first, last] = [each.first + 1, Math.min(6, each.first + 1 + each.length)];
            const found = list.consecutivePages({ pageSize: 10, first, last });
            const asked = now.slice(first - 1, last);
            const rows = asked.flatMap((answer) => answer.rows);
            const isWhole = asked.every((_answer, index) => !evicted.has(first - 1 + index));
            const isOfUse = isWhole && new Set(rows.map(customers.identityOf)).size === rows.length;
            const skipped = found === null ? 0 : (first - found.first) * 10;
            expect(found?.rows.slice(skipped, skipped + rows.length)).toEqual(isOfUse ? rows : undefined);
            continue;
          }
          const before = now[each.index];
          if (before === undefined) continue;
          const rows = [...before.rows.slice(0, 9), customer(each.hasRepeat ? 0 : each.index * 10 + 9, step)];
          const after = { ...before, rows, sentAt: step + 2 };
          now[each.index] = after;
          list.add(after, page(each.index + 1), true);
          list.remove(before);
          evicted.delete(each.index);
          if (!each.isEvicted) continue;
          list.remove(after);
          evicted.add(each.index);
        }
      }),
    );
  });

  test('concatenates pages read in any order a few times, not for each reader', () => {
    const all = pages(32, 1, 320);
    let identities = 0;
    const identityOf = (row: CustomerRecord) => {
      identities += 1;
      return customers.identityOf(row);
    };
    const list = new ListCache<CustomerRecord>({ identityOf, indexKeysOf: customers.indexKeysOf });
    for (const [index, answer] of all.entries()) list.add(answer, page(index + 1), true);
    for (let ask = 0; ask < 200; ask++) {
      const first = ((ask * 7) % 32) + 1;
      expect(list.consecutivePages({ pageSize: 10, first, last: Math.min(32, first + 1) })).not.toBeNull();
    }
    expect(identities).toBeLessThan(3 * 320);
  });

  test('prefers the row of a page to a newer one that was looked up, unless only that is accepted', () => {
    const list = new ListCache(customers);
    for (const [index, answer] of pages(2, 1, 20).entries()) list.add(answer, page(index + 1), true);
    const lookUp = answerOf('look-up', 2, [customer(3, 2)]);
    list.add(lookUp, null, false);
    const organization = (isGood: (answer: ListAnswer<CustomerRecord>) => boolean) =>
      list.goodRow('id:c-3', isGood)?.row.organization;
    expect(list.row('id:c-3')?.row.organization).toBe('version 1');
    expect(organization(({ sentAt }) => sentAt >= 1)).toBe('version 1');
    expect(organization(({ sentAt }) => sentAt >= 2)).toBe('version 2');
    expect(organization(({ sentAt }) => sentAt >= 3)).toBeUndefined();
    list.remove(lookUp);
    expect(organization(({ sentAt }) => sentAt >= 2)).toBeUndefined();
    expect(list.wholeSince).toBe(1);
  });

  test.each([
    ['in order', [0, 1, 2]],
    ['the last first', [2, 1, 0]],
    ['the middle first', [1, 2, 0]],
  ])('returns the first of several rows of a name if pages arrive %s', (_how, order) => {
    const list = new ListCache(customers);
    const answers = pages(3, 1, 30).map((answer, index) => ({
      ...answer,
      totalCount: 30,
      rows: [...answer.rows.slice(1), customer(99, index)],
    }));
    const read = order.flatMap((index) => answers.slice(index, index + 1));
    read.forEach((answer, step) => {
      list.add(answer, page((order[step] ?? 0) + 1), true);
      const first = Math.min(...order.slice(0, step + 1));
      expect(list.row('id:c-99')?.row.organization).toBe(`version ${first}`);
    });
    for (const [index, answer] of answers.entries()) {
      list.remove(answer);
      expect(list.row('id:c-99')?.row.organization).toBe(index === 2 ? undefined : `version ${index + 1}`);
    }
  });

  test('knows which pages must be loaded before the rows of an answer', () => {
    const list = new ListCache(customers);
    const [first, second, third, fourth] = pages(4, 1, 40);
    if (!first || !second || !third || !fourth) throw new Error('There are four pages.');
    for (const [index, answer] of [first, second].entries()) list.add(answer, page(index + 1), true);
    list.add(fourth, page(4), true);
    expect(list.row('id:c-1')).toBeDefined();
    expect([first, second, fourth].map((answer) => list.before(answer)?.pages)).toEqual([0, 1, 3]);
    expect(list.before(third)).toBeNull();
    const [changed] = pages(1, 5, 39);
    if (changed) list.add(changed, page(1), true);
    const ofBefore = { pages: 0, since: 1 };
    expect([first, second, fourth].map((answer) => list.before(answer))).toEqual([ofBefore, ofBefore, null]);
  });

  test('knows that the second page of a look-up may lack the rows that count', () => {
    const list = new ListCache(protectionStatuses);
    const filter: Filter = { dialect: 'plural', keys: ['a@x'] };
    const lookUp = (pageIndex: number, userId: string, of = filter) => ({
      ...answerOf(`look-up ${pageIndex}`, pageIndex, []),
      rows: [protectionStatuses.decodeRow({ id: userId, email: 'a@x' }, { customerId: 'c', tenantId: 't' })],
      pageIndex,
      filter: of,
    });
    list.add(lookUp(2, 'second', { ...filter }), null, false);
    expect(list.row('email:a@x')).toBeUndefined();
    const first = lookUp(1, 'first');
    list.add(first, null, false);
    list.add(lookUp(2, 'second'), null, false);
    expect(list.row('email:a@x')?.row.userId).toBe('first');
    list.remove(first);
    expect(list.row('email:a@x')).toBeUndefined();
  });

  test('prefers the later of a row and its absence', () => {
    const list = new ListCache(customers);
    const there = (sentAt: number) => answerOf(`there ${sentAt}`, sentAt, [customer(1, sentAt)]);
    const evicted = (sentAt: number) => answerOf(`evicted ${sentAt}`, sentAt, []);
    const keepGone = (answer: ListAnswer<CustomerRecord>) => {
      list.add(answer, null, false);
      list.addAbsences(['id:c-1'], answer);
    };
    list.add(there(5), null, false);
    list.add(there(3), null, false);
    expect(list.row('id:c-1')?.row.organization).toBe('version 5');
    keepGone(evicted(4));
    expect(list.row('id:c-1')).toBeDefined();
    keepGone(evicted(6));
    expect(list.row('id:c-1')).toBeUndefined();
    expect(list.absence('id:c-1')?.sentAt).toBe(6);
    list.add(there(7), null, false);
    expect(list.absence('id:c-1')).toBeUndefined();
    expect(list.row('id:c-1')?.row.organization).toBe('version 7');
  });
});

test('an answer larger than the limit is evicted at once, and evicts no other', () => {
  const eviction = new Eviction(10);
  const evicted: string[] = [];
  eviction.add('small', 4, () => evicted.push('small'));
  eviction.add('big', 11, () => evicted.push('big'));
  expect(evicted).toEqual(['big']);
  expect(eviction.bytes).toBe(4);
  eviction.add('other', 7, () => evicted.push('other'));
  expect(evicted).toEqual(['big', 'small']);
});

describe('freshness', () => {
  const at = (ageMs: number, maxAgeMs: number | null = null, readMode: 'normal' | 'if-error' = 'normal') =>
    freshnessOf(
      { sentAt: 10_000 - ageMs, kind: 'present' },
      lifetime,
      { startedAt: 10_000, maxAgeMs },
      readMode,
    );

  test.each([
    [-5, null, 'fresh'],
    [0, 0, 'fresh'],
    [1, 0, 'expired'],
    [100, null, 'fresh'],
    [101, null, 'stale'],
    [150, null, 'stale'],
    [151, null, 'expired'],
    [60, 59, 'expired'],
    [120, 130, 'stale'],
    [140, 130, 'expired'],
  ] as const)('of an entry %i ms old with a max age of %s ms: %s', (age, maxAge, expected) => {
    expect(at(age, maxAge)).toBe(expected);
  });

  test('is extended after a failure of the upstream, but never past the max age of the caller', () => {
    expect(at(900, null, 'if-error')).toBe('stale');
    expect(at(1101, null, 'if-error')).toBe('expired');
    expect(at(900, 800, 'if-error')).toBe('expired');
  });
});
