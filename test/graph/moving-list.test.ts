/** Lists that change while they are read. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { useGateways } from '../use-gateway.ts';
import type { UserRow } from '../../src/simulator/world.ts';
import { customerRow, userRow, worldOfTenant } from '../world-of.ts';
import { stormSize } from '../storms.ts';

const startGateway = useGateways();

interface Answer {
  readonly totalCount: number;
  readonly changedWhileRead: boolean;
  readonly nodes: readonly { readonly userId: string }[];
}

/** A tenant whose list is changed by `change` after the calls of these numbers, from 1. */
async function start(
  count: number,
  changeAfter: (call: number) => boolean,
  change: (users: UserRow[], call: number) => void,
) {
  const users = Array.from({ length: count }, (_, index) => userRow({ id: `u-${index}` }));
  let call = 0;
  let shouldYield = false;
  const { queryText, calls } = await startGateway({
    world: worldOfTenant({ users, protection: [] }),
    intercept: ({ path }) => {
      if (!path.includes('/um/')) return undefined;
      if (shouldYield) change(users, call);
      call += 1;
      shouldYield = changeAfter(call);
      return undefined;
    },
  });
  const read = async (): Promise<Answer> => {
    const { data, errors } = await queryText(
      '{ tenant(customerId: "c", tenantId: "t") { users(first: 1000) { totalCount changedWhileRead nodes { userId } } } }',
    );
    expect(errors).toBeUndefined();
    return (data?.['tenant'] as { users: Answer }).users;
  };
  return { users, read, calls };
}

describe('a list that changes once while it is read', () => {
  test.each<[string, (users: UserRow[]) => void]>([
    ['loses its first row', (users) => users.shift()],
    ['gains a first row', (users) => users.unshift(userRow({ id: 'new' }))],
    ['gains a row that makes one page more', (users) => users.splice(5, 0, ...fiftyRows())],
    ['loses a page', (users) => users.splice(20, 100)],
  ])('%s', async (_change, change) => {
    const { users, read, calls } = await start(251, (call) => call === 1, change);
    const { totalCount, nodes, changedWhileRead } = await read();
    expect(nodes.map(({ userId }) => userId)).toEqual(users.map(({ id }) => id));
    expect(totalCount).toBe(users.length);
    expect(changedWhileRead).toBe(false);
    expect(calls.length).toBeLessThanOrEqual(3 + 3);
  });

  test('whatever the change and the moment, is given as it was at the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 101, max: 420 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        fc.integer({ min: 0, max: 130 }),
        fc.integer({ min: 0, max: 130 }),
        async (count, moment, position, gone, come) => {
          const from = position % count;
          // The length stays equal if as many rows come as go, so the change goes unnoticed.
          fc.pre(Math.min(gone, count - from) !== come);
          // An emptied list is not known to be empty.
          fc.pre(count - Math.min(gone, count - from) + come > 0);
          const { users, read } = await start(
            count,
            (call) => call === moment,
            (list) => {
              const rows = Array.from({ length: come }, (_, index) => userRow({ id: `new-${index}` }));
              list.splice(from, gone, ...rows);
            },
          );
          const { totalCount, nodes } = await read();
          const ids = nodes.map(({ userId }) => userId);
          expect(new Set(ids).size).toBe(ids.length);
          // Changes after the last call can't be noticed.
          if (totalCount === users.length) expect(ids).toEqual(users.map(({ id }) => id));
          else expect(ids).toHaveLength(count);
        },
      ),
      { numRuns: stormSize(40, 15) },
    );
  });
});

test('a list that loses all rows while it is read may have them or not, and says so', async () => {
  const { read, calls } = await start(
    251,
    (call) => call === 1,
    (users) => users.splice(0),
  );
  const { nodes, changedWhileRead } = await read();
  // An empty page behind the first may count its own rows alone, so that it does not show an empty list.
  expect(nodes).toHaveLength(100);
  expect(changedWhileRead).toBe(true);
  expect(calls.length).toBeLessThanOrEqual(3 + 3);
});

test('a list that never stops changing is given as far as it goes, and says so', async () => {
  const { read, calls } = await start(
    450,
    () => true,
    (users, call) => users.unshift(userRow({ id: `new-${call}` })),
  );
  const { totalCount, changedWhileRead, nodes } = await read();
  const ids = nodes.map(({ userId }) => userId);
  expect(changedWhileRead).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(totalCount).toBe(ids.length);
  expect(calls.length).toBeLessThanOrEqual(5 * 4);
});

describe('a list of customers that never stops changing', () => {
  const startEstate = () => {
    const customers = Array.from({ length: 125 }, (_, index) =>
      customerRow({ id: `c${index}`, tenants: [{ id: 't', name: null }] }),
    );
    const tenants = Object.fromEntries(
      customers.map(({ id }) => [`${id}/t`, { users: [userRow({ id: `${id}-u` })], protection: [] }]),
    );
    let come = 0;
    return startGateway({
      world: { customers, directory: [], tenants },
      intercept: ({ path }) => {
        if (path.endsWith('/customers/batch')) customers.unshift(customerRow({ id: `new-${(come += 1)}` }));
        return undefined;
      },
    });
  };

  test('is said to have changed in the summary of all', async () => {
    const { queryText } = await startEstate();
    const { data, errors } = await queryText(
      '{ protectionSummary { userCount changedWhileRead isComplete } }',
    );
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ protectionSummary: { changedWhileRead: true, isComplete: true } });
  });

  test("is said to have changed in a report's totals", async () => {
    const { url } = await startEstate();
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({
        query: 'subscription { protectionReport { totals { userCount changedWhileRead } } }',
      }),
    });
    expect(await response.text()).toMatch(/"totals":\{"userCount":\d+,"changedWhileRead":true\}/);
  });
});

test('a cached page is read again if another page shows that the list has changed', async () => {
  const users = Array.from({ length: 250 }, (_, index) => userRow({ id: `u-${index}` }));
  const gateway = await startGateway({ world: worldOfTenant({ users, protection: [] }) });
  const window = async (size: number) => {
    const answer = await gateway.queryText(
      `{ tenant(customerId: "c", tenantId: "t") { users(first: ${size}) { nodes { userId } } } }`,
    );
    return (answer.data?.['tenant'] as { users: Answer }).users.nodes.map(({ userId }) => userId);
  };
  await window(100);
  users.shift();
  expect(await window(150)).toEqual(users.slice(0, 150).map(({ id }) => id));
});

function fiftyRows(): UserRow[] {
  return Array.from({ length: 50 }, (_, index) => userRow({ id: `new-${index}` }));
}
