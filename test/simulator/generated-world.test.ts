import { describe, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import type { RowSource } from '../../src/simulator/world.ts';

const options = { seed: 7, customers: 30, tenantsPerCustomer: 2, usersPerTenant: 150 };

function rowsOf<Row>(source: RowSource<Row>): Row[] {
  return Array.from({ length: source.count }, (_, index) => source.at(index));
}

describe('a generated world', () => {
  const world = createGeneratedWorld(options);
  const tenants = rowsOf(world.customers).flatMap((customer) =>
    (customer.tenants ?? []).flatMap(({ id }) => world.tenant(customer.id, id) ?? []),
  );

  test('is the same for the same seed, and another for another', () => {
    expect(rowsOf(createGeneratedWorld(options).customers)).toEqual(rowsOf(world.customers));
    expect(rowsOf(createGeneratedWorld({ ...options, seed: 8 }).customers)).not.toEqual(
      rowsOf(world.customers),
    );
  });

  test('finds each row under its key, and only there', () => {
    for (const { users, protection } of tenants) {
      rowsOf(users).forEach(({ id }, index) => {
        expect(users.find(id)).toEqual([index]);
      });
      rowsOf(protection).forEach(({ email }, index) => {
        expect(protection.find(email?.toLowerCase() ?? '')).toEqual([index]);
      });
    }
    expect(world.customers.find('absent')).toEqual([]);
  });

  test('has users without rows, rows without users, and every quirk of an address', () => {
    const users = tenants.flatMap((tenant) => rowsOf(tenant.users));
    const rows = tenants.flatMap((tenant) => rowsOf(tenant.protection));
    const addresses = new Set(
      users
        .flatMap(({ mail, userPrincipalName }) => [mail, userPrincipalName])
        .map((address) => address?.toLowerCase()),
    );
    const emails = new Set(rows.map(({ email }) => email?.toLowerCase()));
    expect(rows.some(({ email }) => !addresses.has(email?.toLowerCase()))).toBe(true);
    expect(
      users.some(
        ({ mail, userPrincipalName }) =>
          ![mail, userPrincipalName].some((address) => emails.has(address?.toLowerCase())),
      ),
    ).toBe(true);
    expect(rows.some(({ email }) => email !== email?.toLowerCase())).toBe(true);
    expect(users.some(({ mail, userPrincipalName }) => mail !== userPrincipalName)).toBe(true);
    expect(users.some(({ mail }) => mail === '')).toBe(true);
    expect(new Set(users.map(({ id }) => id)).size).toBe(users.length);
    expect(emails.size).toBe(rows.length);
  });

  test('has millions of users without holding them in memory', () => {
    const large = createGeneratedWorld({
      seed: 1,
      customers: 5000,
      tenantsPerCustomer: 1,
      usersPerTenant: 1_000_000,
    });
    const customer = large.customers.at(4321);
    const tenant = large.tenant(customer.id, customer.tenants?.[0]?.id ?? '');
    const last = (tenant?.users.count ?? 0) - 1;
    expect(last).toBeGreaterThan(100_000);
    expect(tenant?.users.find(tenant.users.at(last).id)).toEqual([last]);
    const row = (tenant?.protection.count ?? 0) - 20;
    expect(tenant?.protection.find(tenant.protection.at(row).email ?? '')).toEqual([row]);
  });
});
