/** Lists of all tenants, paged by cursors whose tenant may be gone: the window and what is beyond it are exact. */
import { describe, expect, test } from '@jest/globals';
import type { World } from '../../src/simulator/world.ts';
import { useGateways } from '../use-gateway.ts';
import { createWorldOf, customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';

const start = useGateways();

/** Users of each customer's tenant. */
const sizes = { a: 3, b: 1, c: 2 };
const names = Object.keys(sizes) as (keyof typeof sizes)[];
const idsOf = (customers: readonly (keyof typeof sizes)[]) =>
  customers.flatMap((name) => Array.from({ length: sizes[name] }, (_, index) => `${name}${index}`));

function worldWith(customers: readonly (keyof typeof sizes)[]): World {
  const data: WorldData = {
    customers: customers.map((name) => customerRow({ id: name, tenants: [{ id: 't', name: 'T' }] })),
    directory: [],
    tenants: Object.fromEntries(
      customers.map((name) => [
        `${name}/t`,
        {
          users: idsOf([name]).map((id) => userRow({ id, mail: `${id}@example.com` })),
          protection: idsOf([name]).map((id) => protectionRow(`${id}@example.com`)),
        },
      ]),
    ),
  };
  return createWorldOf(data);
}

interface List {
  readonly changedWhileRead: boolean;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean };
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly email: string } }[];
}

const remainders = Array.from({ length: 2 ** names.length }, (_, bits) =>
  names.filter((_name, index) => (bits & (1 << index)) !== 0),
);

describe.each([
  ['a list of users', 'users', 'email: mail', ''],
  ['a filtered list of users', 'users', 'email: mail', 'filter: { search: "example" }'],
  ['a list of protection rows', 'protectionStatuses', 'email', ''],
])('%s', (_what, list, node, filter) => {
  test.each([1, 3])(
    'has exact windows after and before every cursor, also of removed tenants (size %d)',
    async (size) => {
      let current = worldWith(names);
      const world: World = {
        get customers() {
          return current.customers;
        },
        get directory() {
          return current.directory;
        },
        tenant: (...key) => current.tenant(...key),
      };
      const { queryText } = await start({ world, maxCacheBytes: 0 });
      const ask = async (window: string, counts: boolean) => {
        const { data, errors } = await queryText(`{ list: ${list}(${filter} ${window}) {
        ${counts ? 'totalCount' : ''} changedWhileRead
        pageInfo { hasNextPage hasPreviousPage } edges { cursor node { ${node} } } } }`);
        expect(errors).toBeUndefined();
        return (data as unknown as { list: List }).list;
      };
      const { edges } = await ask('first: 100', true);
      const ids = idsOf(names);
      expect(edges).toHaveLength(ids.length);
      for (const remaining of remainders) {
        current = worldWith(remaining);
        const left = idsOf(remaining);
        for (const [place, { cursor }] of edges.entries()) {
          const before = left.filter((id) => ids.indexOf(id) < place);
          const after = left.filter((id) => ids.indexOf(id) > place);
          const behind = await ask(`last: ${size}, before: ${JSON.stringify(cursor)}`, true);
          const ahead = await ask(`first: ${size}, after: ${JSON.stringify(cursor)}`, true);
          const shown = [behind, ahead].map((window) =>
            window.edges.map((edge) => edge.node.email.replace('@example.com', '')),
          );
          // Without its tenant and the neighbours, a cursor has no place, and the list says that it changed.
          if (behind.changedWhileRead || ahead.changedWhileRead) {
            expect(remaining).toEqual([]);
            continue;
          }
          expect([remaining, place, shown]).toEqual([
            remaining,
            place,
            [before.slice(-size), after.slice(0, size)],
          ]);
          expect([remaining, place, behind.pageInfo, ahead.pageInfo]).toEqual([
            remaining,
            place,
            { hasPreviousPage: before.length > size, hasNextPage: left.length > before.length },
            { hasPreviousPage: left.length > after.length, hasNextPage: after.length > size },
          ]);
          for (const [window, uncounted] of [
            [behind, await ask(`last: ${size}, before: ${JSON.stringify(cursor)}`, false)],
            [ahead, await ask(`first: ${size}, after: ${JSON.stringify(cursor)}`, false)],
          ] as const)
            expect(uncounted.edges).toEqual(window.edges);
        }
      }
    },
  );
});
