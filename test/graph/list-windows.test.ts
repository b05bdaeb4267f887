/** Windows of every kind of list: full, stable after rows have gone, with equal cursors everywhere. */
import { describe, expect, test } from '@jest/globals';
import { useGateways } from '../use-gateway.ts';
import type { CustomerRow, UserRow } from '../../src/simulator/world.ts';
import { customerRow, userRow, worldOfTenant, type WorldData } from '../world-of.ts';

const startGateway = useGateways();

interface Connection {
  readonly totalCount?: number;
  readonly changedWhileRead: boolean;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly userId: string } }[];
}

const fields =
  'changedWhileRead pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { userId } }';

/** Every kind of connection of users, all of which show the same users in the same order. */
const kinds = {
  plain: (window: string) => `tenant(customerId: "c", tenantId: "t") { users(${window}) { ${fields} } }`,
  filtered: (window: string) =>
    `tenant(customerId: "c", tenantId: "t") { users(filter: { isTestUser: false }, ${window}) { ${fields} } }`,
  ordered: (window: string) =>
    `tenant(customerId: "c", tenantId: "t") { users(orderBy: [DISPLAY_NAME_ASC], ${window}) { ${fields} } }`,
  estate: (window: string) => `users(${window}) { ${fields} }`,
  'filtered estate': (window: string) => `users(filter: { isTestUser: false }, ${window}) { ${fields} }`,
  'ordered estate': (window: string) => `users(orderBy: [DISPLAY_NAME_ASC], ${window}) { ${fields} }`,
};
type Kind = keyof typeof kinds;
const inListOrder: readonly Kind[] = ['plain', 'filtered', 'estate', 'filtered estate'];

function usersUpTo(count: number, name = 'u'): UserRow[] {
  return Array.from({ length: count }, (_, index) =>
    userRow({ id: `${name}-${index}`, displayName: `${name} ${String(index).padStart(4, '0')}` }),
  );
}

interface Options {
  readonly world: WorldData;
  /** The largest page that the upstream serves. */
  readonly cap?: number;
  /** Called before each call of a list of users, with its number, from 1. */
  readonly beforeCall?: (call: number) => void;
}

async function start({ world, cap = 100, beforeCall }: Options) {
  let now = 0;
  let calls = 0;
  const gateway = await startGateway({
    world,
    clock: () => now,
    intercept: ({ path, query }) => {
      if (path === '/connect/token') return undefined;
      if (path.includes('/um/')) beforeCall?.((calls += 1));
      query.set('pageSize', String(Math.min(cap, Number(query.get('pageSize')))));
      return undefined;
    },
  });
  const { queryText } = gateway;
  return {
    queryText,
    calls: gateway.calls,
    /** Expires cached data. */
    expire: () => (now += 3_600_000),
    window: async (kind: Kind, window: string): Promise<Connection> => {
      const { data, errors } = await queryText(`{ ${kinds[kind](window)} }`);
      expect(errors).toBeUndefined();
      const holder = kind.includes('estate') ? data : (data?.['tenant'] as Record<string, unknown>);
      return holder?.['users'] as Connection;
    },
  };
}

const idsOf = ({ edges }: Connection) => edges.map(({ node }) => node.userId);

describe('a row that the upstream lists twice', () => {
  const rows = usersUpTo(76);
  const [row3] = rows.slice(3, 4);
  const world = worldOfTenant({
    users: row3 === undefined ? [] : rows.toSpliced(72, 0, row3),
    protection: [],
  });

  test.each(['plain', 'estate'] as const)('makes no window of %s users shorter', async (kind) => {
    const { window } = await start({ world });
    const last = await window(kind, 'last: 10');
    expect(idsOf(last)).toEqual(rows.slice(-10).map(({ id }) => id));
    expect(last.pageInfo.hasPreviousPage).toBe(true);
    const first = await window(kind, 'first: 75');
    expect(idsOf(first)).toEqual(rows.slice(0, 75).map(({ id }) => id));
    expect(first.pageInfo.hasNextPage).toBe(true);
    const all = await window(kind, 'first: 76');
    expect(all.pageInfo.hasNextPage).toBe(false);
  });

  test.each(['plain', 'filtered', 'estate', 'filtered estate'] as const)(
    'does not turn a walk round in a list of few %s users, all of them twice',
    async (kind) => {
      const few = usersUpTo(2);
      const { window } = await start({ world: worldOfTenant({ users: [...few, ...few], protection: [] }) });
      const last = await window(kind, 'last: 1');
      const before = await window(kind, `last: 1, before: "${last.pageInfo.startCursor ?? ''}"`);
      expect([idsOf(last), idsOf(before)]).toEqual([['u-1'], ['u-0']]);
      expect([before.pageInfo.hasPreviousPage, before.changedWhileRead]).toEqual([false, false]);
      const first = await window(kind, 'first: 1');
      const after = await window(kind, `first: 1, after: "${first.pageInfo.endCursor ?? ''}"`);
      expect([idsOf(first), idsOf(after)]).toEqual([['u-0'], ['u-1']]);
      expect([after.pageInfo.hasNextPage, after.changedWhileRead]).toEqual([false, false]);
    },
  );

  test.each(['plain', 'estate'] as const)(
    'leaves no other row out of a walk through %s users, on pages of any size',
    async (kind) => {
      for (const cap of [100, 25, 7]) {
        const { window } = await start({ world, cap });
        for (const isForward of [true, false]) {
          const shown: string[] = [];
          let cursor: string | null = null;
          do {
            const connection: Connection = await window(
              kind,
              isForward ? `first: 37, after: "${cursor ?? ''}"` : `last: 10, before: "${cursor ?? ''}"`,
            );
            shown.push(...idsOf(connection));
            const { hasNextPage, hasPreviousPage, startCursor, endCursor } = connection.pageInfo;
            cursor = isForward ? (hasNextPage ? endCursor : null) : hasPreviousPage ? startCursor : null;
          } while (cursor !== null);
          expect(new Set(shown)).toEqual(new Set(rows.map(({ id }) => id)));
          const others = shown.filter((id) => id !== 'u-3');
          expect(others).toHaveLength(new Set(others).size);
        }
      }
    },
  );
});

test.each(['plain', 'estate'] as const)(
  'a row that comes at the front and one that goes at the end between two pages leave no %s user out',
  async (kind) => {
    const rows = usersUpTo(250);
    const { window } = await start({
      world: worldOfTenant({ users: rows, protection: [] }),
      beforeCall: (call) => {
        if (call !== 2) return;
        rows.unshift(userRow({ id: 'new' }));
        rows.pop();
      },
    });
    const first = await window(kind, 'first: 150');
    expect(idsOf(first)).toEqual(usersUpTo(150).map(({ id }) => id));
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = await window(kind, `first: 150, after: "${first.pageInfo.endCursor ?? ''}"`);
    expect(idsOf(second)).toEqual(
      usersUpTo(249)
        .slice(150)
        .map(({ id }) => id),
    );
  },
);

describe.each(inListOrder)('the place of a cursor of %s users', (kind) => {
  test.each([
    ['its own row', [120]],
    ['it and those behind it', [120, 121, 122, 123]],
    ['it and those before it', [117, 118, 119, 120]],
    ['those on both sides of it', [118, 119, 121, 122]],
  ])('is found again after %s have gone, in both directions', async (_what, gone) => {
    for (const isForward of [true, false]) {
      const rows = usersUpTo(300);
      const { window, expire } = await start({ world: worldOfTenant({ users: rows, protection: [] }) });
      const before = await window(kind, isForward ? 'first: 121' : 'last: 180');
      const cursor = isForward ? before.pageInfo.endCursor : before.pageInfo.startCursor;
      const ids = gone.map((index) => `u-${index}`);
      for (const id of ids)
        rows.splice(
          rows.findIndex((row) => row.id === id),
          1,
        );
      expire();
      const after = await window(
        kind,
        isForward ? `first: 50, after: "${cursor ?? ''}"` : `last: 50, before: "${cursor ?? ''}"`,
      );
      const left = rows.map(({ id }) => id);
      const cut = left.findIndex((id) => Number(id.slice(2)) >= (isForward ? 121 : 120));
      expect(idsOf(after)).toEqual(isForward ? left.slice(cut, cut + 50) : left.slice(cut - 50, cut));
      expect(after.changedWhileRead).toBe(false);
    }
  });

  test('is found again after more rows have gone before it than the length shows', async () => {
    const rows = usersUpTo(300);
    const { window, expire } = await start({ world: worldOfTenant({ users: rows, protection: [] }) });
    const first = await window(kind, 'first: 50');
    rows.splice(30, 10);
    rows.push(...usersUpTo(11, 'new'));
    expire();
    const second = await window(kind, `first: 50, after: "${first.pageInfo.endCursor ?? ''}"`);
    expect(idsOf(second)).toEqual(rows.slice(40, 90).map(({ id }) => id));
    expect(second.changedWhileRead).toBe(false);
  });

  test('is found again wherever in the list it stands now', async () => {
    const rows = usersUpTo(900);
    const { window, expire } = await start({ world: worldOfTenant({ users: rows, protection: [] }) });
    const first = await window(kind, 'first: 700');
    rows.splice(10, 600);
    rows.push(...usersUpTo(601, 'new'));
    expire();
    const second = await window(kind, `first: 50, after: "${first.pageInfo.endCursor ?? ''}"`);
    expect(idsOf(second)).toEqual(rows.slice(100, 150).map(({ id }) => id));
    expect(second.changedWhileRead).toBe(false);
  });

  test('is said to be uncertain after all rows around it have gone', async () => {
    const rows = usersUpTo(300);
    const { window, expire } = await start({ world: worldOfTenant({ users: rows, protection: [] }) });
    const first = await window(kind, 'first: 150');
    rows.splice(130, 40);
    expire();
    const second = await window(kind, `first: 50, after: "${first.pageInfo.endCursor ?? ''}"`);
    expect(second.changedWhileRead).toBe(true);
  });
});

describe.each(Object.keys(kinds) as Kind[])('the edges of %s users', (kind) => {
  test('have the same cursors in every window, and know what the list has before and behind them', async () => {
    const count = 230;
    const { window, expire } = await start({
      world: worldOfTenant({ users: usersUpTo(count), protection: [] }),
      cap: 60,
    });
    const all = await window(kind, 'first: 1000');
    const cursors = all.edges.map(({ cursor }) => cursor);
    expect(new Set(cursors).size).toBe(count);
    const cursorOf = (index: number) => JSON.stringify(cursors[index]);
    const windows: [string, number, number][] = [
      ['first: 10', 0, 10],
      ['first: 230', 0, 230],
      ['last: 1', 229, 230],
      ['last: 230', 0, 230],
      ['first: 0', 0, 0],
      [`first: 10, after: ""`, 0, 10],
      [`last: 10, before: ""`, 220, 230],
      [`first: 7, after: ${cursorOf(57)}`, 58, 65],
      [`first: 300, after: ${cursorOf(57)}`, 58, 230],
      [`last: 9, before: ${cursorOf(61)}`, 52, 61],
      [`last: 300, before: ${cursorOf(61)}`, 0, 61],
      [`first: 10, before: ${cursorOf(150)}`, 0, 10],
      [`first: 150, before: ${cursorOf(150)}`, 0, 150],
      [`first: 10, after: ${cursorOf(40)}, before: ${cursorOf(45)}`, 41, 45],
      [`first: 2, after: ${cursorOf(40)}, before: ${cursorOf(45)}`, 41, 43],
      [`last: 10, after: ${cursorOf(150)}`, 220, 230],
      [`last: 100, after: ${cursorOf(150)}`, 151, 230],
      [`last: 2, after: ${cursorOf(40)}, before: ${cursorOf(45)}`, 43, 45],
    ];
    for (const isExpired of [false, true]) {
      for (const [asked, from, to] of windows) {
        if (isExpired) expire();
        const { edges, pageInfo } = await window(kind, asked);
        expect([asked, edges.map(({ cursor }) => cursors.indexOf(cursor))]).toEqual([
          asked,
          Array.from({ length: to - from }, (_, index) => from + index),
        ]);
        expect([asked, pageInfo]).toEqual([
          asked,
          {
            hasPreviousPage: from > 0,
            hasNextPage: to < count,
            startCursor: edges[0]?.cursor ?? null,
            endCursor: edges.at(-1)?.cursor ?? null,
          },
        ]);
      }
    }
  });
});

test('the users of several tenants know what stands before and behind them, counted or not', async () => {
  const customers: CustomerRow[] = [0, 3, 0, 2, 4, 0].map((_count, index) =>
    customerRow({ id: `c${index}`, tenants: [{ id: `t${index}`, name: null }] }),
  );
  const world: WorldData = {
    customers,
    directory: [],
    tenants: Object.fromEntries(
      [0, 3, 0, 2, 4, 0].map((count, index) => [
        `c${index}/t${index}`,
        { users: usersUpTo(count, `t${index}`), protection: [] },
      ]),
    ),
  };
  const count = 9;
  const { window, queryText } = await start({ world });
  for (const kind of ['estate', 'filtered estate', 'ordered estate'] as const) {
    const all = await window(kind, 'first: 100');
    const cursors = all.edges.map(({ cursor }) => cursor);
    for (const counted of ['', 'counted']) {
      const ask = counted === '' ? window : countedWindow;
      for (let at = 0; at < count; at++) {
        for (let size = 1; size <= count; size++) {
          const cursor = JSON.stringify(cursors[at]);
          const behind = await ask(kind, `first: ${size}, after: ${cursor}`);
          expect(behind.pageInfo.hasPreviousPage).toBe(true);
          expect(behind.pageInfo.hasNextPage).toBe(at + 1 + size < count);
          const before = await ask(kind, `last: ${size}, before: ${cursor}`);
          expect(before.pageInfo.hasNextPage).toBe(true);
          expect(before.pageInfo.hasPreviousPage).toBe(at - size > 0);
        }
      }
    }
  }

  async function countedWindow(kind: Kind, asked: string): Promise<Connection> {
    const text = kinds[kind](asked).replace('changedWhileRead', 'totalCount changedWhileRead');
    const answer = await queryText(`{ ${text} }`);
    const connection = answer.data?.['users'] as Connection;
    expect(connection.totalCount).toBe(count);
    return connection;
  }
});

test.each(Object.keys(kinds) as Kind[])(
  'cursors that have crossed leave no %s users between them, and rows on either side',
  async (kind) => {
    const { window } = await start({ world: worldOfTenant({ users: usersUpTo(10), protection: [] }) });
    const { edges } = await window(kind, 'first: 10');
    const cursorAt = (position: number) => JSON.stringify(edges[position]?.cursor);
    for (const [after, before] of [
      [8, 1],
      [4, 4],
      [4, 5],
    ] as const) {
      for (const size of ['first: 3', 'last: 3']) {
        const crossed = await window(kind, `after: ${cursorAt(after)}, before: ${cursorAt(before)}, ${size}`);
        expect(crossed).toMatchObject({
          edges: [],
          changedWhileRead: false,
          pageInfo: { hasPreviousPage: true, hasNextPage: true, startCursor: null, endCursor: null },
        });
      }
    }
  },
);
