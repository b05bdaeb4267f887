/** Work on long lists yields to other operations. */
import { EventEmitter, once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';

import { useGateways } from '../use-gateway.ts';
import { until } from '../until.ts';
import { customerRow, userRow, type WorldData } from '../world-of.ts';

const gate = new EventEmitter();
afterEach(() => {
  gate.emit('open');
});
const start = useGateways();

const usersOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => userRow({ id: `${name}-${index}`, displayName: name }));
/** A list that fills the cache, and a smaller one. */
const world: WorldData = {
  customers: [
    customerRow({
      id: 'c',
      tenants: [
        { id: 'hung', name: 'hung' },
        { id: 'read', name: 'read' },
      ],
    }),
  ],
  directory: [],
  tenants: {
    'c/hung': { users: usersOf('hung', 30_500), protection: [] },
    'c/read': { users: usersOf('read', 1500), protection: [] },
  },
};
// The filter needs protection, so that its list is cached too.
const query = `query ($tenantId: ID!) {
  tenant(customerId: "c", tenantId: $tenantId) {
    users(first: 1, filter: { protection: { state: NOT_IN_BACKUP } }) { totalCount }
  }
}`;

test('a list whose calls hang delays no list that is cached', async () => {
  const opened = once(gate, 'open');
  let hangs = false;
  let held = 0;
  const running = await start({
    world,
    operationTimeoutMs: 600_000,
    intercept: async ({ path }) => {
      if (!hangs || !path.includes('/hung/')) return undefined;
      held += 1;
      await opened;
      return undefined;
    },
  });
  const ask = (tenantId: string) =>
    running.queryText(query, { tenantId }, { headers: { 'x-explain': 'true' } });
  const expected = { tenant: { users: { totalCount: 1500 } } };
  expect(await ask('read')).toMatchObject({ data: expected });
  // Its length is cached, and no row.
  await running.queryText('{ tenant(customerId: "c", tenantId: "hung") { users(first: 1) { totalCount } } }');
  hangs = true;
  const hanging = ask('hung');
  await until(() => held > 0);
  const { data, extensions } = await ask('read');
  expect(data).toEqual(expected);
  expect(extensions?.upstream?.calls).toBe(0);
  gate.emit('open');
  await hanging;
});
