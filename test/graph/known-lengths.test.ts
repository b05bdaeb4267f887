/** Lengths that an operation's price uses, and for whom. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import { useGateway } from '../use-gateway.ts';
import { customerRow } from '../world-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'lengths-'));
const customer = (id: string, tenants: number) =>
  customerRow({
    id,
    tenants: Array.from({ length: tenants }, (_, index) => ({ id: `t${index}`, name: 'T' })),
  });

const gateway = useGateway(() => {
  const keysFile = join(folder, 'keys.json');
  const keys = [
    { name: 'all', sha256: hashKey('all'), customers: 'all' },
    { name: 'two', sha256: hashKey('two'), customers: ['SMALL', 'unknown'] },
  ];
  writeFileSync(keysFile, JSON.stringify({ keys }));
  return {
    world: {
      customers: [customer('large', 30), customer('small', 1), customer('other', 5)],
      directory: ['large', 'small', 'other'].map((id) => ({
        ...{ id, organization: null, ownerEmail: null, jobStatus: null, countryOrRegion: null },
      })),
      tenants: {},
    },
    callers: { kind: 'known', keysFile, tokens: null },
  };
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function rowsOf(query: string, key: string): Promise<number> {
  const headers = { 'x-api-key': key, 'x-explain': 'true' };
  const { extensions } = await gateway.queryText(query, {}, { headers });
  return (extensions as { readonly cost?: { readonly rows: number } } | undefined)?.cost?.rows ?? NaN;
}

const tenantsOf = (id: string) => `{ customer(customerId: "${id}") { tenants { tenantId } } }`;
const list = '{ customers(first: 100) { nodes { tenants { tenantId } } } }';

test('lengths are assumed until they are cached, and one caller’s are not shown to another', async () => {
  expect(await rowsOf(tenantsOf('missing'), 'all')).toBe(1 + 2);
  expect(await rowsOf('{ directory { customerId } }', 'all')).toBe(500);
  expect(await rowsOf(list, 'all')).toBe(100 + 200);

  expect(await rowsOf(list, 'all')).toBe(3 + 36);
  expect(await rowsOf('{ directory { customerId } }', 'all')).toBe(3);
  expect(await rowsOf(tenantsOf('large'), 'all')).toBe(1 + 30);
  expect(await rowsOf(tenantsOf('missing'), 'all')).toBe(1 + 12);
  expect(
    await rowsOf('{ customers(customerIds: ["large", "other"]) { nodes { tenants { name } } } }', 'all'),
  ).toBe(2 + 35);

  expect(await rowsOf('{ directory { customerId } }', 'two')).toBe(2);
  expect(await rowsOf(list, 'two')).toBe(2 + 2);
  expect(await rowsOf(tenantsOf('large'), 'two')).toBe(await rowsOf(tenantsOf('missing'), 'two'));
});
