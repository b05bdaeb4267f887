/** Global ids of rows that are found again, and ids by which caches merge summaries. */
import { describe, expect, test } from '@jest/globals';
import { useGateway } from '../use-gateway.ts';
import { customerRow, protectionRow, userRow } from '../world-of.ts';

const protectedModule = { moduleStatus: [{ module: 0, isProtected: true }] };
const unprotectedModule = { moduleStatus: [{ module: 0, isProtected: false }] };

const gateway = useGateway({
  world: {
    customers: ['a', 'b'].map((id) => customerRow({ id, tenants: [{ id: 't', name: 'T' }] })),
    directory: ['a', 'b'].map((id) => ({
      ...customerRow({ id }),
      jobStatus: null,
      organization: `Directory ${id}`,
    })),
    tenants: Object.fromEntries(
      ['a', 'b'].map((id) => [
        `${id}/t`,
        {
          users: [userRow({ id: 'u', mail: 'U@example.com' })],
          protection: [
            protectionRow('u@example.com', protectedModule),
            protectionRow('U@example.com', { id: 'second', ...unprotectedModule }),
            protectionRow('', { id: 'nameless', ...unprotectedModule }),
            ...Array.from({ length: 150 }, (_, index) => protectionRow(`${index}@example.com`)),
          ],
        },
      ]),
    ),
  },
});

interface Row {
  readonly id: string;
  readonly email: string | null;
  readonly state: string;
}

const listed = async () => {
  const { data } = await gateway.queryText(
    '{ tenant(customerId: "a", tenantId: "t") { protectionStatuses(first: 200) { nodes { id email state } } } }',
  );
  return (data?.['tenant'] as { protectionStatuses: { nodes: Row[] } }).protectionStatuses.nodes;
};

describe('a protection row', () => {
  test('has an id of its own, though another has its address', async () => {
    const rows = await listed();
    expect(rows).toHaveLength(153);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(153);
  });

  test('is found by it again, fresh or cached', async () => {
    const rows = await listed();
    for (const fresh of [true, false]) {
      const { data, errors } = await gateway.queryText(
        'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on ProtectionStatus { email state } } }',
        { ids: rows.map(({ id }) => id) },
        fresh ? { headers: { 'cache-control': 'no-cache' } } : {},
      );
      expect(errors).toBeUndefined();
      expect(data?.['nodes']).toEqual(rows);
    }
  });

  test('is null once it is gone, or its tenant is none', async () => {
    const encode = (parts: readonly string[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
    const ids = ['a', 'c'].map((customer) =>
      encode(['ProtectionStatus', customer, 't', 'x@y.example', 'abc']),
    );
    const { data, errors } = await gateway.queryText('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids,
    });
    expect(errors).toBeUndefined();
    expect(data?.['nodes']).toEqual([null, null]);
  });
});

test('a row of the directory is found by its id again', async () => {
  const { data } = await gateway.queryText('{ directory { id organization } }');
  const rows = data?.['directory'] as { readonly id: string }[];
  expect(rows).toHaveLength(2);
  const again = await gateway.queryText(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on DirectoryEntry { organization } } }',
    { ids: rows.map(({ id }) => id) },
  );
  expect(again.data?.['nodes']).toEqual(rows);
});

test('summaries have equal ids if and only if they count the same', async () => {
  const { data } = await gateway.queryText(`{
    all: protectionSummary { id }
    some: protectionSummary(filter: { search: "a" }) { id }
    customers { nodes { protectionSummary { id } tenants { protectionSummary { id } } } }
    tenant(customerId: "A", tenantId: "T") { protectionSummary { id } }
  }`);
  const ids = [...JSON.stringify(data).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id);
  expect(ids).toHaveLength(7);
  expect(new Set(ids).size).toBe(6);
});
