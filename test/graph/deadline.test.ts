/** Deadline of an operation. */
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { useGateways } from '../use-gateway.ts';
import { customerRow, userRow, type WorldData } from '../world-of.ts';

const names = ['quick', 'slow', 'slower'];
const world: WorldData = {
  customers: [customerRow({ id: 'c', tenants: names.map((id) => ({ id, name: id })) })],
  directory: [],
  tenants: Object.fromEntries(
    names.map((name) => [`c/${name}`, { users: [userRow({ id: `${name}-user` })], protection: [] }]),
  ),
};
const start = useGateways({ world });
const query = `{ customer(customerId: "c") { tenants { name users { nodes { userId } } } } }`;

test('what is in flight at the deadline is one error, and the rest is answered in time', async () => {
  const gate = new EventEmitter();
  const opened = once(gate, 'open');
  const gateway = await start({
    // Far longer than the rest of the operation.
    operationTimeoutMs: 10_000,
    intercept: async ({ path }) => {
      if (path.includes('slow')) await opened;
      return undefined;
    },
  });
  const { data, errors } = await gateway.queryText(query);
  expect(data).toEqual({
    customer: {
      tenants: [
        { name: 'quick', users: { nodes: [{ userId: 'quick-user' }] } },
        { name: 'slow', users: null },
        { name: 'slower', users: null },
      ],
    },
  });
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.extensions).toEqual({
    code: 'DEADLINE_EXCEEDED',
    retryable: true,
    endpoint: 'POST /partner/external/v3/um/customers/{customerId}/tenants/{tenantId}/users/batch',
    paths: [
      ['customer', 'tenants', 1, 'users'],
      ['customer', 'tenants', 2, 'users'],
    ],
  });
  gate.emit('open');
  gateway.calls.length = 0;
  expect((await gateway.queryText(query)).errors).toBeUndefined();
  expect(gateway.calls).toHaveLength(2);
});

test('it leaves a call that another operation still waits for', async () => {
  const operationTimeoutMs = 12_000;
  const gate = new EventEmitter();
  const opened = once(gate, 'open');
  const gateway = await start({
    operationTimeoutMs,
    intercept: async ({ path }) => {
      if (path !== '/connect/token') await opened;
      return undefined;
    },
  });
  const { queryText, calls } = gateway;
  const single = '{ customer(customerId: "c") { organization } }';
  const both =
    '{ customer(customerId: "c") { directoryEntry { organization } tenants { users { totalCount } } } }';
  const first = queryText(both);
  await sleep(0.5 * operationTimeoutMs);
  const second = queryText(both);
  expect((await first).errors?.[0]?.extensions['code']).toBe('DEADLINE_EXCEEDED');
  gate.emit('open');
  expect((await second).errors).toBeUndefined();
  expect((await queryText(single)).errors).toBeUndefined();
  expect(calls).toHaveLength(5);
});
