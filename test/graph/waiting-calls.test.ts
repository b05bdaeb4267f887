/** Queued calls are made once for all operations, or not at all. */
import { describe, expect, test } from '@jest/globals';
import type { SimulatorCall } from '../../src/simulator/exchange.ts';
import type { GatewayUnderTest, GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { holdUpstream } from '../held-upstream.ts';
import { letArrive, until } from '../until.ts';
import { customerRow, userRow, type WorldData } from '../world-of.ts';

let gateway: GatewayUnderTest;

const users = Array.from({ length: 260 }, (_, index) =>
  userRow({ id: `u-${index}`, displayName: `User ${index}` }),
);
const world: WorldData = {
  customers: [customerRow({ id: 'c', tenants: [{ id: 't', name: 'T' }] })],
  directory: [],
  tenants: { 'c/t': { users, protection: [] } },
};
const start = useGateways({ world });
const userOf = (id: string) => `{ user(customerId: "c", tenantId: "t", userId: "${id}") { displayName } }`;
const keysOf = ({ body }: SimulatorCall) =>
  body.startsWith('{') ? ((JSON.parse(body) as { userIds?: string[] }).userIds ?? []) : [];

/** A gateway whose calls wait, and what they get once they need not wait any more. */
async function startHeld(options: Partial<GatewayUnderTestOptions> = {}) {
  const upstream = await holdUpstream({ world, ...options }, start);
  ({ gateway } = upstream);
  const { queryText, calls } = gateway;
  const askTogether = async (ids: readonly string[]) => {
    const asked = Promise.all(ids.map((id) => queryText(userOf(id))));
    await upstream.arrived(ids.length);
    expect(calls).toEqual([]);
    upstream.release();
    return asked;
  };
  return { ...upstream, queryText, calls, askTogether };
}

describe('look-ups of several operations in one list', () => {
  const ids = Array.from({ length: 50 }, (_, index) => `u-${index * 3}`);

  test('go out as one', async () => {
    const { calls, askTogether } = await startHeld();
    const answers = await askTogether([...ids, 'absent']);
    expect(answers).toEqual([
      ...ids.map((id) => ({ data: { user: { displayName: `User ${id.slice(2)}` } } })),
      { data: { user: null } },
    ]);
    expect(calls).toHaveLength(1);
    expect(calls.flatMap(keysOf).sort()).toEqual([...ids, 'absent'].sort());
  });

  const refusesOdd = (call: SimulatorCall) =>
    keysOf(call).includes('odd') ? { status: 400, body: '' } : undefined;

  test('go out one by one if the upstream refuses them together, and pages show whether the refused one exists', async () => {
    const { calls, askTogether } = await startHeld({ intercept: refusesOdd });
    const answers = await askTogether(['u-1', 'odd', 'u-2']);
    expect(answers).toEqual([
      { data: { user: { displayName: 'User 1' } } },
      { data: { user: null } },
      { data: { user: { displayName: 'User 2' } } },
    ]);
    const keys = calls.map((call) => keysOf(call).length).sort();
    expect(keys.filter((count) => count > 0)).toEqual([1, 1, 1, 3]);
    // The list's three pages.
    expect(keys.filter((count) => count === 0)).toHaveLength(3);
  });

  test('go out one by one if the upstream refuses them and the pages, and the refusal is for the one that caused it', async () => {
    const { calls, askTogether } = await startHeld({
      intercept: (call) => (call.body === '{}' ? { status: 400, body: '' } : refusesOdd(call)),
    });
    const answers = await askTogether(['u-1', 'odd', 'u-2']);
    expect(answers.map(({ data }) => data)).toEqual([
      { user: { displayName: 'User 1' } },
      { user: null },
      { user: { displayName: 'User 2' } },
    ]);
    expect(answers.map(({ errors = [] }) => errors.map(({ extensions }) => extensions['code']))).toEqual([
      [],
      ['UPSTREAM_REFUSED'],
      [],
    ]);
    const keys = calls.map((call) => keysOf(call).length).sort();
    expect(keys.filter((count) => count > 0)).toEqual([1, 1, 1, 3]);
    // A page of each smaller size might have been accepted.
    expect(keys.filter((count) => count === 0).length).toBeLessThanOrEqual(5);
  });

  test('go out for the others when the one that took them along has gone', async () => {
    let answerAll: () => void = () => undefined;
    const answered = new Promise<undefined>((resolve) => {
      answerAll = () => {
        resolve(undefined);
      };
    });
    const { queryText, calls, arrived, release } = await startHeld({
      intercept: (call) => (keysOf(call).length > 0 ? answered : undefined),
    });
    const leaving = new AbortController();
    const first = queryText(userOf('u-1'), {}, { signal: leaving.signal });
    const left = expect(first).rejects.toThrow('abort');
    await arrived(1);
    const second = queryText(userOf('u-2'));
    await arrived(2);
    release();
    await until(() => calls.length === 1);
    leaving.abort();
    await letArrive();
    answerAll();
    expect(await second).toEqual({ data: { user: { displayName: 'User 2' } } });
    await left;
    expect(calls.map(keysOf)).toEqual([['u-1', 'u-2']]);
  });
});

test('a look-up is not made for a row that a page has brought while it waited', async () => {
  gateway = await start({ callsPerSecond: 1 });
  const { queryText, calls } = gateway;
  const explained = { headers: { 'x-explain': 'true' } };
  const pages = queryText(
    '{ tenant(customerId: "c", tenantId: "t") { users(first: 200) { nodes { userId } } } }',
  );
  await until(() => calls.length > 0);
  const { data, extensions } = await queryText(userOf('u-7'), {}, explained);
  expect(data).toEqual({ user: { displayName: 'User 7' } });
  expect(extensions?.upstream).toMatchObject({ calls: 0, requests: [{ source: 'CACHE' }] });
  expect((await pages).errors).toBeUndefined();
  expect(calls.map(keysOf)).toEqual([[], []]);
});

test('a length is not requested while a page that contains it is being read', async () => {
  gateway = await start({ latencyMs: 100 });
  const { queryText, calls } = gateway;
  const tenant = (fields: string) => queryText(`{ tenant(customerId: "c", tenantId: "t") { ${fields} } }`);
  const page = tenant('users(first: 10) { nodes { userId } }');
  await until(() => calls.length > 0);
  expect((await tenant('users { totalCount }')).data).toEqual({ tenant: { users: { totalCount: 260 } } });
  await page;
  expect(calls).toHaveLength(1);
});
