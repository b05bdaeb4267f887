/** The tools that come with the gateway, with the documents of their files and arguments that find something. */
import { readdirSync, readFileSync } from 'node:fs';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';

const folder = new URL('../../mcp/', import.meta.url);

/** Two pages of users and of rows in each tenant. */
export const shippedWorld = () =>
  createGeneratedWorld({ seed: 1, customers: 6, tenantsPerCustomer: 2, usersPerTenant: 120 });

const argumentsByTool: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  coverage_by_group: { by: 'DEPARTMENT', exclude: ['INACTIVE'], first: 5 },
  customer_overview: { customer: 'a', first: 2, groups: 3 },
  estate_overview: { exclude: ['SIGN_IN_BLOCKED', 'INACTIVE'] },
  find_customers: { hasTenants: true, userCount: { min: 1 }, orderBy: ['USER_COUNT_DESC'], first: 3 },
  find_users: { exclude: ['INACTIVE'], protection: { module: 'MAILBOX', isProtected: true }, first: 5 },
  job_problems: {},
  protection_report: { exclude: ['INACTIVE'] },
  unmatched_mailboxes: { first: 5 },
  unprotected_users: { first: 5 },
  wasted_seats: { first: 5 },
  worst_covered_customers: { below: 0.99, minUsers: 1, first: 3 },
};

export const shippedTools = readdirSync(folder).map((file) => {
  const name = file.replace('.graphql', '');
  return {
    name,
    document: readFileSync(new URL(file, folder), 'utf8'),
    given: argumentsByTool[name] ?? { missing: name },
  };
});

/** What differs between two gateways: the time that passes. */
export function withoutTimes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, each: unknown) =>
    key === 'asOf' ? typeof each : key === 'secondsElapsed' ? 0 : each,
  ) as unknown;
}
