/** Random operations over a world, each with the answer that the world's own rows make, worked out the naive way. */
import type { UserRow, World } from '../src/simulator/world.ts';
import type { GraphQLAnswer } from './gateway-under-test.ts';
import { protectionOf, shown } from './graph/random-world.ts';

export interface RandomOperation {
  readonly query: string;
  /** What `data` is if nothing fails. */
  readonly expected: unknown;
}

/** From 0 up to but not including 1; the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Tenant {
  readonly id: string;
  readonly args: string;
  readonly users: readonly UserRow[];
  readonly userIds: ReadonlyMap<string, string>;
  readonly protectionEmails: ReadonlyMap<string, string | null>;
  readonly rows: readonly { readonly email: string | null }[];
}

interface Part {
  readonly field: string;
  readonly expected: unknown;
}

/**
 * Operations over all of a world, which must have tenants.
 *
 * @param hasWalks whether some walk through the tenants of one customer or of all, or through all customers
 */
export function createRandomOperations(
  world: World,
  random: () => number,
  hasWalks = true,
): () => RandomOperation {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  };
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const customers = Array.from({ length: world.customers.count }, (_, index) => world.customers.at(index));
  const tenants = new Map(
    customers.flatMap(({ id, tenants }) =>
      (tenants ?? []).map((tenant) => [`${id}/${tenant.id}`, readTenant(world, id, tenant.id)] as const),
    ),
  );
  const all = [...tenants.values()];

  const looks: readonly (() => Part)[] = [
    () => {
      const [first, perTenant] = [upTo(10), upTo(20)];
      const nodes = customers.slice(0, first).map(({ id, organization, tenants: theirs }) => ({
        customerId: id,
        organization,
        tenants: (theirs ?? []).map(({ id: tenantId, name }) => ({
          tenantId,
          name,
          users: usersOf(tenants.get(`${id}/${tenantId}`), perTenant),
        })),
      }));
      return {
        field: `customers(first: ${first}) { totalCount nodes { customerId organization tenants { tenantId name ${usersField(perTenant)} } } }`,
        expected: { totalCount: customers.length, nodes },
      };
    },
    () => {
      const tenant = pick(all);
      const first = upTo(500);
      return {
        field: `tenant(${tenant.args}) { ${usersField(first)} }`,
        expected: { users: usersOf(tenant, first) },
      };
    },
    () => {
      const tenant = pick(all);
      return {
        field: `tenant(${tenant.args}) { users { totalCount } protectionStatuses { totalCount } }`,
        expected: {
          users: { totalCount: tenant.users.length },
          protectionStatuses: { totalCount: tenant.rows.length },
        },
      };
    },
    () => {
      const tenant = pick(all);
      const user = pick(tenant.users);
      return {
        field: `user(${tenant.args}, userId: ${JSON.stringify(user.id)}) { ${userFields} }`,
        expected: userOf(tenant, user),
      };
    },
    () => ({ field: `user(${pick(all).args}, userId: "absent") { userId }`, expected: null }),
    () => {
      const tenant = pick(all);
      const user = pick(tenant.users);
      return {
        field: `tenant(${tenant.args}) { user(email: ${JSON.stringify(user.userPrincipalName)}) { ${userFields} } }`,
        expected: { user: userOf(tenant, user) },
      };
    },
    () => {
      const tenant = pick(all);
      const first = upTo(120);
      const nodes = tenant.rows.slice(0, first).map(({ email }) => {
        const userId = tenant.userIds.get(email?.toLowerCase() ?? '');
        return { email, user: userId === undefined ? null : { userId } };
      });
      return {
        field: `tenant(${tenant.args}) { protectionStatuses(first: ${first}) { nodes { email user { userId } } } }`,
        expected: { protectionStatuses: { nodes } },
      };
    },
    () => {
      const chosen = [...new Set(Array.from({ length: upTo(8) }, () => pick(customers)))];
      return {
        field: `customers(customerIds: ${JSON.stringify(chosen.map(({ id }) => id))}) { nodes { customerId organization } }`,
        expected: { nodes: chosen.map(({ id, organization }) => ({ customerId: id, organization })) },
      };
    },
    () => ({
      field: 'directory { customerId organization }',
      expected: Array.from({ length: world.directory.count }, (_, index) => {
        const { id, organization } = world.directory.at(index);
        return { customerId: id, organization };
      }),
    }),
  ];
  const walks: readonly (() => Part)[] = [
    () => {
      const { id, tenants: theirs } = pick(customers);
      const own = (theirs ?? []).flatMap((tenant) => tenants.get(`${id}/${tenant.id}`) ?? []);
      const first = upTo(120);
      const users = own.flatMap((tenant) => tenant.users.slice(0, first).map((user) => userOf(tenant, user)));
      return {
        field: `customer(customerId: ${JSON.stringify(id)}) { users(first: ${first}) { ${wholeness} nodes { ${userFields} } } }`,
        expected: { users: { ...whole, nodes: users.slice(0, first) } },
      };
    },
    () => {
      const last = upTo(120);
      const rows: { email: string | null }[] = [];
      for (const tenant of all.toReversed()) {
        if (rows.length >= last) break;
        rows.unshift(...tenant.rows.slice(-last).map(({ email }) => ({ email })));
      }
      return {
        field: `protectionStatuses(last: ${last}) { ${wholeness} nodes { email } }`,
        expected: { ...whole, nodes: rows.slice(-last) },
      };
    },
    () => {
      const { id, users } = pick(all);
      return {
        field: `tenant(tenantId: ${JSON.stringify(id)}) { tenantId users { totalCount } }`,
        expected: { tenantId: id, users: { totalCount: users.length } },
      };
    },
  ];
  const parts = hasWalks ? [...looks, ...walks] : looks;

  return () => {
    const chosen = Array.from({ length: upTo(3) }, () => pick(parts)());
    return {
      query: `{ ${chosen.map(({ field }, index) => `part${index}: ${field}`).join(' ')} }`,
      expected: Object.fromEntries(chosen.map(({ expected }, index) => [`part${index}`, expected])),
    };
  };
}

/**
 * Everything of an answer that is not as it should be: a value that is not the world's, a null that should be a value
 * and has no error, an error that costs nothing.
 */
export function faultsOf({ data, errors = [] }: GraphQLAnswer<unknown>, expected: unknown): string[] {
  const failed = errors.flatMap(({ path, extensions }) => {
    const all = Array.isArray(extensions['paths']) ? (extensions['paths'] as Path[]) : [path ?? []];
    return all.map((each) => each.join('.'));
  });
  const faults = differences(data, expected, [], failed);
  const isCostless = failed.filter((path) => valueAt(data, path.split('.')) !== null);
  return [...faults, ...isCostless.map((path) => `there is an error at ${path}, but also a value`)];
}

type Path = readonly (string | number)[];

function differences(seen: unknown, expected: unknown, path: Path, failed: readonly string[]): string[] {
  const place = path.join('.');
  if (seen === null && expected !== null) {
    const isExplained = failed.some((each) => each === place || place === '' || each.startsWith(`${place}.`));
    return isExplained ? [] : [`${place} is null without an error`];
  }
  if (typeof expected !== 'object' || expected === null || typeof seen !== 'object' || seen === null) {
    return seen === expected ? [] : [`${place} is ${JSON.stringify(seen)}, not ${JSON.stringify(expected)}`];
  }
  if (isIncomplete(seen)) return [];
  const [has, should] = [Object.keys(seen).length, Object.keys(expected).length];
  if (has !== should) return [`${place} has ${has} entries, not ${should}`];
  return Object.entries(expected).flatMap(([key, value]) =>
    differences((seen as Record<string, unknown>)[key], value, [...path, key], failed),
  );
}

/** Whether a list says that tenants are missing, and which. */
function isIncomplete(seen: object): boolean {
  const { isComplete, missing } = seen as Readonly<Record<string, unknown>>;
  return isComplete === false && Array.isArray(missing) && missing.length > 0;
}

/** The first null on the way, or what is at its end. */
function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) break;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

const wholeness = 'isComplete missing { tenantId reason }';
const whole = { isComplete: true, missing: [] };
const userFields = 'userId mail displayName protection { email }';

function usersField(first: number): string {
  return `users(first: ${first}) { totalCount nodes { ${userFields} } }`;
}

function usersOf(tenant: Tenant | undefined, first: number): object {
  if (tenant === undefined) throw new Error('Every tenant of a customer is in the world.');
  return {
    totalCount: tenant.users.length,
    nodes: tenant.users.slice(0, first).map((user) => userOf(tenant, user)),
  };
}

function userOf({ protectionEmails }: Tenant, { id, mail, displayName }: UserRow): object {
  const email = protectionEmails.get(id);
  return {
    userId: id,
    mail: shown(mail),
    displayName: shown(displayName),
    protection: email === undefined ? null : { email },
  };
}

function readTenant(world: World, customerId: string, tenantId: string): Tenant {
  const lists = world.tenant(customerId, tenantId);
  if (lists === null) throw new Error('Every tenant of a customer is in the world.');
  const users = Array.from({ length: lists.users.count }, (_, index) => lists.users.at(index));
  const rows = Array.from({ length: lists.protection.count }, (_, index) => lists.protection.at(index));
  const userIds = new Map<string, string>();
  for (const name of ['userPrincipalName', 'mail'] as const) {
    for (const user of users.toReversed()) userIds.set(user[name]?.toLowerCase() ?? '', user.id);
  }
  userIds.delete('');
  return {
    id: tenantId,
    args: `customerId: ${JSON.stringify(customerId)}, tenantId: ${JSON.stringify(tenantId)}`,
    users,
    userIds,
    protectionEmails: new Map(
      users.flatMap((user) => {
        const row = protectionOf(user, { users, protection: rows });
        return row === null ? [] : [[user.id, row.email] as const];
      }),
    ),
    rows,
  };
}
