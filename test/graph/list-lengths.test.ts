/** Lists without a reported length or with a wrong one, and deployments that refuse a page size. */
import { describe, expect, test } from '@jest/globals';
import { useGateways } from '../use-gateway.ts';
import type { SimulatorAnswer } from '../../src/simulator/exchange.ts';
import { userRow, worldOfTenant } from '../world-of.ts';

const startGateway = useGateways();

interface Page {
  readonly rows: readonly object[];
  /** Those of the first page. */
  readonly firstRows: readonly object[];
  readonly pageIndex: number;
  readonly pageSize: number;
  readonly totalCount: number;
}

const json = (body: unknown): SimulatorAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const refused: SimulatorAnswer = { status: 400, headers: {}, body: '{"message":"pageSize"}' };

interface Upstream {
  readonly count: number;
  /** The largest page it serves. */
  readonly cap?: number;
  /** Null to answer as the reference page has it. */
  readonly answer: (page: Page) => SimulatorAnswer | null;
}

/** A tenant whose users are served in the upstream's own way. */
async function start({ count, cap = 100, answer }: Upstream) {
  const users = Array.from({ length: count }, (_, index) => userRow({ id: `u-${index}` }));
  const gateway = await startGateway({
    world: worldOfTenant({ users, protection: [] }),
    intercept: ({ path, query, body }) => {
      if (!path.includes('/um/')) return undefined;
      const pageIndex = Number(query.get('pageIndex'));
      const pageSize = Math.min(cap, Number(query.get('pageSize')));
      const { userIds } = JSON.parse(body) as { userIds?: string[] };
      const all = userIds === undefined ? users : users.filter(({ id }) => userIds.includes(id));
      const rows = all.slice((pageIndex - 1) * pageSize, pageIndex * pageSize);
      const page = { rows, firstRows: all.slice(0, pageSize), pageIndex, pageSize, totalCount: all.length };
      return answer(page) ?? json({ data: rows, metadata: { pageIndex, pageSize, totalCount: all.length } });
    },
  });
  const { queryText, calls, reported } = gateway;
  const ask = async (text: string, headers: Record<string, string> = {}) => {
    const { data, errors } = await queryText(text, {}, { headers });
    return { data, errors };
  };
  const tenantField = (field: string) => `tenant(customerId: "c", tenantId: "t") { ${field} }`;
  return {
    ask,
    reported,
    calls: () => calls.filter(({ path }) => path.includes('/um/')),
    pageSizes: () =>
      calls.filter(({ path }) => path.includes('/um/')).map(({ query }) => query.get('pageSize')),
    /** The number of users according to the list, its length, its end, look-ups and summaries. */
    everySide: async () => {
      const { data, errors } = await ask(`{
        ${tenantField('users(first: 1000) { totalCount changedWhileRead nodes { userId } }')}
        last: ${tenantField('users(last: 3) { nodes { userId } }')}
        summary: ${tenantField('protectionSummary { userCount }')}
        estate: users(first: 1000) { totalCount nodes { userId } }
        protectionSummary { userCount isComplete }
      }`);
      expect(errors).toBeUndefined();
      const length = await ask(`{ ${tenantField('users { totalCount }')} }`);
      const { tenant, last, summary, estate, protectionSummary } = data as unknown as Sides;
      const { users } = length.data?.['tenant'] as { users: { totalCount: number } };
      return {
        list: tenant.users.nodes.length,
        listed: tenant.users.totalCount,
        last: last.users.nodes.map(({ userId }) => userId),
        length: users.totalCount,
        summary: summary.protectionSummary.userCount,
        estate: estate.nodes.length,
        estateCount: estate.totalCount,
        estateSummary: protectionSummary.userCount,
      };
    },
  };
}

interface List {
  readonly totalCount: number;
  readonly nodes: readonly { readonly userId: string }[];
}

interface Sides {
  readonly tenant: { readonly users: List };
  readonly last: { readonly users: Pick<List, 'nodes'> };
  readonly summary: { readonly protectionSummary: { readonly userCount: number } };
  readonly estate: List;
  readonly protectionSummary: { readonly userCount: number };
}

const sidesOf = (count: number) => ({
  list: count,
  listed: count,
  last: Array.from({ length: Math.min(3, count) }, (_, index) => `u-${count - Math.min(3, count) + index}`),
  length: count,
  summary: count,
  estate: count,
  estateCount: count,
  estateSummary: count,
});

describe('a list that was empty', () => {
  test('has the rows that look-ups have found since', async () => {
    let isEmpty = true;
    const empty = json({ data: [], metadata: { pageIndex: 1, pageSize: 100, totalCount: 0 } });
    const { ask, calls } = await start({ count: 1, answer: () => (isEmpty ? empty : null) });
    const length = '{ tenant(customerId: "c", tenantId: "t") { users { totalCount } } }';
    const user = '{ user(customerId: "c", tenantId: "t", userId: "u-0") { userId } }';
    expect((await ask(length)).data).toEqual({ tenant: { users: { totalCount: 0 } } });
    expect((await ask(user)).data).toEqual({ user: null });
    isEmpty = false;
    expect((await ask(user, { 'cache-control': 'no-cache' })).data).toEqual({ user: { userId: 'u-0' } });
    const callsUntilThen = calls().length;
    expect((await ask(user)).data).toEqual({ user: { userId: 'u-0' } });
    expect(calls()).toHaveLength(callsUntilThen);
    expect((await ask(length)).data).toEqual({ tenant: { users: { totalCount: 1 } } });
    isEmpty = true;
    expect((await ask(length, { 'cache-control': 'no-cache' })).data).toEqual({
      tenant: { users: { totalCount: 0 } },
    });
    expect((await ask(length)).data).toEqual({ tenant: { users: { totalCount: 0 } } });
  });
});

describe('a list is read to its end', () => {
  test.each<[string, Upstream]>([
    ['without metadata', { count: 130, cap: 50, answer: ({ rows }) => json({ data: rows }) }],
    [
      'with metadata of another type',
      { count: 130, cap: 50, answer: ({ rows }) => json({ data: rows, metadata: 'none' }) },
    ],
    ['without metadata, in whole pages', { count: 100, cap: 50, answer: ({ rows }) => json({ data: rows }) }],
    ['without metadata and rows', { count: 0, answer: ({ rows }) => json({ data: rows }) }],
    [
      'with a page that is always the first',
      { count: 40, cap: 50, answer: ({ firstRows }) => json({ data: firstRows }) },
    ],
    [
      'with a length of 0 beside rows',
      {
        count: 130,
        cap: 50,
        answer: ({ rows, pageIndex, pageSize }) =>
          json({ data: rows, metadata: { pageIndex, pageSize, totalCount: 0 } }),
      },
    ],
    [
      'with the length of the page instead of the list',
      {
        count: 130,
        cap: 50,
        answer: ({ rows, pageIndex, pageSize }) =>
          json({ data: rows, metadata: { pageIndex, pageSize, totalCount: Math.min(49, rows.length) } }),
      },
    ],
    [
      'with rows on a page behind its end',
      {
        count: 130,
        cap: 50,
        answer: ({ rows, pageIndex, pageSize }) =>
          json({ data: rows, metadata: { pageIndex, pageSize, totalCount: 60 } }),
      },
    ],
    [
      'with its length as text',
      {
        count: 230,
        answer: ({ rows, pageIndex, pageSize, totalCount }) =>
          json({
            data: rows,
            metadata: { pageIndex, pageSize: String(pageSize), totalCount: String(totalCount) },
          }),
      },
    ],
    [
      'without a size of pages',
      { count: 230, answer: ({ rows, totalCount }) => json({ data: rows, metadata: { totalCount } }) },
    ],
    [
      'with null instead of no rows',
      {
        count: 0,
        answer: () => json({ data: null, metadata: { pageIndex: 1, pageSize: 100, totalCount: 0 } }),
      },
    ],
    [
      'with no content instead of no rows',
      { count: 0, answer: () => ({ status: 204, headers: {}, body: '' }) },
    ],
    [
      'with no content behind its end, without metadata',
      {
        count: 130,
        cap: 50,
        answer: ({ rows }) =>
          rows.length === 0 ? { status: 204, headers: {}, body: '' } : json({ data: rows }),
      },
    ],
  ])('%s', async (_what, upstream) => {
    const { everySide, reported } = await start(upstream);
    expect(await everySide()).toEqual(sidesOf(upstream.count));
    // Again from the cache.
    expect(await everySide()).toEqual(sidesOf(upstream.count));
    expect(reported).toEqual([]);
  });

  test('by look-ups as well', async () => {
    const { ask } = await start({ count: 130, cap: 50, answer: ({ rows }) => json({ data: rows }) });
    const ids = Array.from({ length: 100 }, (_, index) => `u-${index}`);
    const { data } = await ask(
      `{ tenant(customerId: "c", tenantId: "t") { users(userIds: ${JSON.stringify(ids)}, first: 1000) { nodes { userId } } } }`,
    );
    const { users } = data?.['tenant'] as { users: { nodes: { userId: string }[] } };
    expect(users.nodes.map(({ userId }) => userId)).toEqual(ids);
  });

  test('and no further than its window, at no more calls than it needs', async () => {
    const { ask, calls } = await start({ count: 330, answer: () => null });
    await ask(
      '{ tenant(customerId: "c", tenantId: "t") { users(first: 100) { totalCount nodes { userId } } } }',
    );
    expect(calls()).toHaveLength(1);
  });

  test('a page that has no rows though its list has is an error', async () => {
    const { ask } = await start({
      count: 30,
      answer: ({ totalCount }) => json({ data: null, metadata: { totalCount } }),
    });
    const { errors } = await ask(
      '{ tenant(customerId: "c", tenantId: "t") { users(first: 10) { nodes { userId } } } }',
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_INVALID_RESPONSE' });
  });
});

describe('an upstream that refuses large pages', () => {
  const refusing = (largest: number, count = 130): Upstream => ({
    count,
    cap: 1000,
    answer: ({ pageSize }) => (pageSize > largest ? refused : null),
  });
  const list = '{ tenant(customerId: "c", tenantId: "t") { users(first: 1000) { nodes { userId } } } }';

  test.each([
    [50, ['100', '100', '50'], ['50', '50', '50']],
    [30, ['100', '100', '50', '25'], ['25', '25', '25', '25', '25', '25']],
    // The second page of a hundred shows that no row of the first is the reason.
  ])('than of %i rows is asked for less, and remembered', async (largest, tries, sizes) => {
    const { ask, pageSizes } = await start(refusing(largest));
    const first = await ask(list);
    expect(first.errors).toBeUndefined();
    expect((first.data?.['tenant'] as { users: { nodes: unknown[] } }).users.nodes).toHaveLength(130);
    const firstSizes = [...tries.slice(0, -1), ...sizes];
    expect(pageSizes()).toEqual(firstSizes);
    const second = await ask(list, { 'cache-control': 'no-cache' });
    expect(second).toEqual(first);
    expect(pageSizes().slice(firstSizes.length)).toEqual(sizes);
  });

  test('says the same from every side', async () => {
    const { everySide } = await start(refusing(50));
    expect(await everySide()).toEqual(sidesOf(130));
  });

  test('is asked for less by look-ups as well', async () => {
    const { ask } = await start(refusing(50));
    const { data, errors } = await ask('{ user(customerId: "c", tenantId: "t", userId: "u-77") { userId } }');
    expect(errors).toBeUndefined();
    expect(data).toEqual({ user: { userId: 'u-77' } });
  });

  test.each([
    ['a list', list],
    ['a look-up', '{ user(customerId: "c", tenantId: "t", userId: "u-77") { userId } }'],
    [
      'the end of a list',
      '{ tenant(customerId: "c", tenantId: "t") { users(last: 5) { nodes { userId } } } }',
    ],
  ])(
    'and whatever else it is asked fails with the first refusal, after a few calls: %s',
    async (_what, text) => {
      const { ask, calls } = await start({
        count: 130,
        answer: ({ pageSize }) => ({ ...refused, headers: { 'request-id': `size-${pageSize}` } }),
      });
      const { errors } = await ask(text);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_REFUSED' });
      expect(calls().length).toBeLessThanOrEqual(6);
    },
  );

  test('of a size that it has answered is not asked for less', async () => {
    let isRefusing = false;
    const { ask, calls } = await start({ count: 130, answer: () => (isRefusing ? refused : null) });
    await ask(list);
    isRefusing = true;
    const before = calls().length;
    const { errors } = await ask(list, { 'cache-control': 'no-cache' });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_REFUSED' });
    expect(calls().length - before).toBeLessThanOrEqual(2);
  });
});
