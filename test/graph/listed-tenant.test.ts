/** Tenants by id alone: found among the caller's customers with the fewest calls. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashKey } from '../../src/callers/api-keys.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { withGateway } from '../use-gateway.ts';
import { customerRow, userRow, type WorldData } from '../world-of.ts';
import { stormSize } from '../storms.ts';

const folder = mkdtempSync(join(tmpdir(), 'listed-tenant-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Customers `c0`, `c1` and so on, with the tenants of these ids. */
function worldOf(tenants: readonly (readonly string[])[]): WorldData {
  return {
    customers: tenants.map((ids, index) =>
      customerRow({ id: `c${index}`, tenants: ids.map((id) => ({ id, name: `${id} of c${index}` })) }),
    ),
    directory: [],
    tenants: Object.fromEntries(
      tenants.flatMap((ids, index) =>
        ids.map((id) => [`c${index}/${id}`, { users: [userRow({ id: `u-${id}` })], protection: [] }]),
      ),
    ),
  };
}

/** One tenant each. */
const many = (count: number) => worldOf(Array.from({ length: count }, (_, index) => [`t${index}`]));

const fields = 'tenantId name customer { customerId }';
const find = async (gateway: GatewayUnderTest, id: string, request = {}) => {
  const answer = await gateway.queryText(
    `query ($id: ID!) { tenant(tenantId: $id) { ${fields} } }`,
    { id },
    request,
  );
  expect(answer.errors).toBeUndefined();
  return answer.data?.['tenant'];
};

describe('calls', () => {
  test.each([
    ['t7', 1],
    ['t99', 1],
    ['t100', 2],
    ['t249', 3],
    ['none', 3],
  ])('read the list as far as the tenant, and none again: %s', async (id, calls) => {
    await withGateway({ world: many(250) }, async (gateway) => {
      const tenant = await find(gateway, id);
      expect(tenant).toEqual(
        id === 'none'
          ? null
          : {
              tenantId: id,
              name: `${id} of ${id.replace('t', 'c')}`,
              customer: { customerId: id.replace('t', 'c') },
            },
      );
      expect(gateway.calls).toHaveLength(calls);
      expect(await find(gateway, id.toUpperCase())).toEqual(tenant);
      expect(gateway.calls).toHaveLength(calls);
    });
  });

  test('are shared by all that ask, and serve other fields', async () => {
    await withGateway({ world: many(250) }, async (gateway) => {
      const asked = Array.from(
        { length: 30 },
        (_, index) => `a${index}: tenant(tenantId: "t${index * 8}") { name users { nodes { userId } } }`,
      );
      const { data, errors } = await gateway.queryText(
        `{ ${asked.join(' ')} customers(first: 150) { nodes { customerId } } }`,
      );
      expect(errors).toBeUndefined();
      expect(data?.['a29']).toEqual({ name: 't232 of c232', users: { nodes: [{ userId: 'u-t232' }] } });
      expect(gateway.calls).toHaveLength(3 + 30);
    });
  });
});

test('the first tenant with an id counts, whatever is cached', async () => {
  const names = ['a', 'B', 'c', 'É', 'e\u0301'];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.subarray(names, { maxLength: 3 }), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(...names, 'A', 'é', 'none'),
      fc.constantFrom<'singular' | 'plural'>('singular', 'plural'),
      async (tenants, id, dialect) => {
        const same = (other: string) =>
          other.toLowerCase().normalize('NFC') === id.toLowerCase().normalize('NFC');
        const at = tenants.findIndex((ids) => ids.some(same));
        const own = tenants[at]?.find(same);
        await withGateway({ world: worldOf(tenants), dialect }, async (gateway) => {
          // Rows of the last customers are known first.
          await gateway.queryText(`{ customer(customerId: "c${tenants.length - 1}") { tenants { name } } }`);
          expect(await find(gateway, id)).toEqual(
            own === undefined
              ? null
              : { tenantId: own, name: `${own} of c${at}`, customer: { customerId: `c${at}` } },
          );
        });
      },
    ),
    { numRuns: stormSize(40, 15) },
  );
});

test('a tenant that stays is found while customers before it go', async () => {
  const world = many(250);
  const customers = [...world.customers];
  let calls = 0;
  await withGateway(
    {
      world: { ...world, customers },
      intercept: ({ path }) => {
        if (path.endsWith('/general/customers/batch') && calls++ === 1) customers.splice(0, 5);
        return undefined;
      },
    },
    async (gateway) => {
      // It moves to the first page, which has been read.
      expect(await find(gateway, 't102')).toMatchObject({ name: 't102 of c102' });
      expect(calls).toBeGreaterThan(2);
    },
  );
});

test('a customer’s id that is null is not given, and one that is given counts', async () => {
  await withGateway({ world: worldOf([['t'], ['t']]) }, async (gateway) => {
    const { data } = await gateway.queryText(
      `query ($c: ID, $d: ID = "c1") {
        a: tenant(customerId: null, tenantId: "t") { name } b: tenant(customerId: $c, tenantId: "t") { name }
        c: tenant(customerId: $d, tenantId: "t") { name } d: tenant(customerId: "c2", tenantId: "t") { name }
      }`,
    );
    expect(data).toEqual({ a: { name: 't of c0' }, b: { name: 't of c0' }, c: { name: 't of c1' }, d: null });
  });
});

test('a list that can’t be read costs the field alone', async () => {
  await withGateway(
    {
      world: many(250),
      intercept: ({ query }) =>
        query.get('pageIndex') === '3' ? { status: 500, headers: {}, body: '' } : undefined,
      maxRetries: 0,
    },
    async (gateway) => {
      const { data, errors } = await gateway.queryText(
        '{ a: tenant(tenantId: "t240") { name } b: tenant(tenantId: "t3") { name } }',
      );
      expect(data).toEqual({ a: null, b: { name: 't3 of c3' } });
      expect(errors).toMatchObject([{ path: ['a'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
    },
  );
});

describe('a caller of some customers', () => {
  const world = worldOf([['shared', 'other'], ['mine'], ['shared']]);

  async function asTheirs(check: (gateway: GatewayUnderTest) => Promise<void>): Promise<void> {
    const keysFile = join(folder, 'keys.json');
    const keys = [
      { name: 'theirs', sha256: hashKey('theirs'), customers: ['c1', 'c2'] },
      { name: 'all', sha256: hashKey('all'), customers: 'all' },
    ];
    writeFileSync(keysFile, JSON.stringify({ keys }));
    await withGateway({ world, callers: { kind: 'known', keysFile, tokens: null } }, check);
  }
  const theirs = { headers: { 'x-api-key': 'theirs' } };
  const all = { headers: { 'x-api-key': 'all' } };

  test('finds the first of their own', async () => {
    await asTheirs(async (gateway) => {
      expect(await find(gateway, 'shared', all)).toMatchObject({ customer: { customerId: 'c0' } });
      expect(await find(gateway, 'shared', theirs)).toMatchObject({ customer: { customerId: 'c2' } });
      expect(await find(gateway, 'mine', theirs)).toMatchObject({ customer: { customerId: 'c1' } });
    });
  });

  test('sees a tenant of others as one that does not exist, by its answer, calls and headers', async () => {
    const seen: unknown[] = [];
    for (const id of ['other', 'another']) {
      await asTheirs(async (gateway) => {
        const response = await fetch(`${gateway.url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-explain': 'true',
            'x-request-id': 'r',
            'x-api-key': 'theirs',
          },
          body: JSON.stringify({
            query: `{ tenant(tenantId: "${id}") { ${fields} users { totalCount } protectionSummary { userCount } } }`,
          }),
        });
        const names = [...response.headers.keys()].toSorted();
        const text = (await response.text()).replaceAll(/"\w*(Ms|At|bytes)":[\d.]+/g, '');
        const [entry] = gateway.audit;
        seen.push({
          text,
          names,
          calls: gateway.calls.map(({ path, body }) => [path, body]),
          of: entry?.customers,
        });
        expect(text).toContain('"tenant":null');
      });
    }
    expect(seen[1]).toEqual(seen[0]);
  });
});
