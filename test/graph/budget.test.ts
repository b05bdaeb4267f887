/** Call budget of an operation. */
import { expect, test } from '@jest/globals';
import { useGateways } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow, type TenantData, type WorldData } from '../world-of.ts';

const tenant = (name: string): TenantData => ({
  users: [userRow({ id: `${name}-user` })],
  protection: [protectionRow(`${name}-user@example.com`)],
});
const names = ['one', 'two', 'three', 'four'];
const world: WorldData = {
  customers: [customerRow({ id: 'c', tenants: names.map((id) => ({ id, name: id })) })],
  directory: [],
  tenants: Object.fromEntries(names.map((name) => [`c/${name}`, tenant(name)])),
};
const start = useGateways({ world });
const query = `{ customer(customerId: "c") { tenants { name users { nodes { userId protection { email } } } } } }`;

test('what is past it is an error at the fields that needed it, and the rest is there', async () => {
  const gateway = await start({ maxUpstreamCalls: 5 });
  const { data, errors } = await gateway.queryText(query);
  expect(gateway.calls).toHaveLength(5);
  const shown = (name: string) => ({
    name,
    users: { nodes: [{ userId: `${name}-user`, protection: { email: `${name}-user@example.com` } }] },
  });
  expect(data).toEqual({
    customer: {
      tenants: [shown('one'), shown('two'), { name: 'three', users: null }, { name: 'four', users: null }],
    },
  });
  expect(errors).toHaveLength(1);
  expect(errors?.[0]).toMatchObject({
    message: expect.stringContaining('The operation needs more than 5 upstream calls'),
    extensions: {
      code: 'UPSTREAM_BUDGET_EXCEEDED',
      retryable: true,
      paths: [
        ['customer', 'tenants', 2, 'users'],
        ['customer', 'tenants', 3, 'users'],
      ],
    },
  });
  // The second attempt uses what the first has cached.
  const again = await gateway.queryText(query);
  expect(again.errors).toBeUndefined();
  expect(gateway.calls).toHaveLength(9);
});

test('one that it does not reach costs no other operation anything, and is no call', async () => {
  const gateway = await start({ maxUpstreamCalls: 5, latencyMs: 5 });
  const { queryText } = gateway;
  const single = '{ tenant(customerId: "c", tenantId: "four") { users { nodes { userId } } } }';
  const [greedy, modest] = await Promise.all([
    queryText(query, {}, { headers: { 'x-explain': 'true' } }),
    queryText(single),
  ]);
  expect(greedy.errors?.[0]?.extensions['code']).toBe('UPSTREAM_BUDGET_EXCEEDED');
  expect(greedy.extensions?.upstream?.calls).toBe(5);
  expect(modest.errors).toBeUndefined();
});

test('what the cache or another operation supplies costs nothing of it', async () => {
  const gateway = await start({ maxUpstreamCalls: 9, latencyMs: 10 });
  const { queryText, calls } = gateway;
  const answers = await Promise.all([1, 2, 3].map(() => queryText(query)));
  expect(answers.map(({ errors }) => errors)).toEqual([undefined, undefined, undefined]);
  expect((await queryText(query)).errors).toBeUndefined();
  expect(calls).toHaveLength(9);
});
