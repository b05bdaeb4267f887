/**
 * Random operations on one gateway, over tenants in which several rows have one address: whatever is cached of which
 * pages, each says what the first row in the upstream's order says. `FIRST_ROWS_RUNS` sets the number of worlds.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ProtectionRow, UserRow } from '../../src/simulator/world.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { protectionRow, userRow, worldOfTenant, type TenantData } from '../world-of.ts';
import { stormSize } from '../storms.ts';

const runs = Number(process.env['FIRST_ROWS_RUNS'] ?? stormSize(12, 4));
const operationsOfRun = 25;

type Dialect = 'singular' | 'plural' | 'none';

const pageSize = 10;

const world = fc
  .record({
    users: fc.array(fc.record({ mail: fc.nat(40), upn: fc.nat(80), hasMail: fc.boolean() }), {
      maxLength: 45,
      size: 'max',
    }),
    rows: fc.array(
      fc.record({
        address: fc.nat(50),
        isUpper: fc.boolean(),
        isProtected: fc.boolean(),
        isOfUser: fc.option(fc.nat(60)),
      }),
      { maxLength: 95, size: 'max' },
    ),
  })
  .map(({ users, rows }): TenantData => {
    const protection = rows.map(({ address, isUpper, isProtected, isOfUser }, index) =>
      protectionRow(isUpper ? `A${address}@X` : `a${address}@x`, {
        id: isOfUser === null ? `r${index}` : `u${isOfUser}`,
        moduleStatus: [{ module: 0, isProtected }],
      }),
    );
    const identities = protection.map(({ id, email }) => `${id ?? ''} ${email?.toLowerCase() ?? ''}`);
    return {
      users: users.map(({ mail, upn, hasMail }, index) =>
        userRow({ id: `u${index}`, mail: hasMail ? `a${mail}@x` : null, userPrincipalName: `a${upn}@x` }),
      ),
      // Of rows with one id and one address, which are repeats, a window shows one or several.
      protection: protection.filter((_row, index) => identities.indexOf(identities[index] ?? '') === index),
    };
  });

/** The rules, naively. */
class Naive {
  readonly users: readonly UserRow[];
  readonly rows: readonly ProtectionRow[];
  readonly #hasIds: boolean;

  constructor({ users, protection }: TenantData, dialect: Dialect) {
    this.users = users;
    this.#hasIds = dialect !== 'singular';
    const names = protection.map((row) => `${this.#idOf(row) ?? ''} ${row.email?.toLowerCase() ?? ''}`);
    this.rows = protection.filter((_row, index) => names.indexOf(names[index] ?? '') === index);
  }

  stateOf(row: ProtectionRow | undefined): string {
    if (row === undefined) return 'NOT_IN_BACKUP';
    return row.moduleStatus?.[0]?.isProtected === true ? 'PROTECTED' : 'UNPROTECTED';
  }

  rowOfAddress(address: string | null): ProtectionRow | undefined {
    return this.rows.find(({ email }) => email?.toLowerCase() === address?.toLowerCase());
  }

  stateOfUser({ mail, userPrincipalName }: UserRow): string {
    return this.stateOf(this.rowOfAddress(mail) ?? this.rowOfAddress(userPrincipalName));
  }

  userOfAddress(address: string | null): UserRow | undefined {
    const folded = address?.toLowerCase();
    return (
      this.users.find(({ mail }) => mail === folded) ??
      this.users.find(({ userPrincipalName }) => userPrincipalName === folded)
    );
  }

  userOfRow(row: ProtectionRow): UserRow | undefined {
    return this.users.find(({ id }) => id === this.#idOf(row)) ?? this.userOfAddress(row.email);
  }

  hasUser(row: ProtectionRow): boolean {
    return this.userOfRow(row) !== undefined;
  }

  #idOf({ id }: ProtectionRow): string | null {
    return this.#hasIds ? id : null;
  }
}

/** A field of the tenant and its expected value. */
interface Asked {
  readonly field: string;
  readonly expected: unknown;
}

type Cursors = Readonly<Record<'users' | 'protectionStatuses', readonly string[]>>;

/** Makes a field of the numbers of an operation. */
type Ask = (naive: Naive, cursors: Cursors, at: number, size: number) => Asked | null;

const shownUser = (naive: Naive) => (user: UserRow) => ({
  userId: user.id,
  protectionState: naive.stateOfUser(user),
});
const users = '{ nodes { userId protectionState } }';

/** A window behind or before a row, wherever in the list that stands. */
function windowOf<Row>(cursors: readonly string[], rows: readonly Row[], at: number, size: number) {
  const start = at % (rows.length + 1);
  const [behind, before] = [cursors[start - 1] ?? '', cursors[start] ?? ''].map((each) =>
    JSON.stringify(each),
  );
  return size % 2 === 0
    ? { window: `first: ${size}, after: ${behind}`, rows: rows.slice(start, start + size) }
    : { window: `last: ${size}, before: ${before}`, rows: rows.slice(Math.max(0, start - size), start) };
}

const ranks = ['NOT_IN_BACKUP', 'UNPROTECTED', 'PROTECTED'];

const asks: Readonly<Record<string, Ask>> = {
  statuses: (naive, { protectionStatuses }, at, size) => {
    const { window, rows } = windowOf(protectionStatuses, naive.rows, at, size);
    return {
      field: `protectionStatuses(${window}) { nodes { state } }`,
      expected: { nodes: rows.map((row) => ({ state: naive.stateOf(row) })) },
    };
  },
  usersOfStatuses: (naive, { protectionStatuses }, at, size) => {
    const { window, rows } = windowOf(protectionStatuses, naive.rows, at, size);
    return {
      field: `protectionStatuses(${window}) { nodes { user { userId protectionState } } }`,
      expected: {
        nodes: rows.map((row) => {
          const user = naive.userOfRow(row);
          return { user: user === undefined ? null : shownUser(naive)(user) };
        }),
      },
    };
  },
  users: (naive, cursors, at, size) => {
    const { window, rows } = windowOf(cursors.users, naive.users, at, size);
    return { field: `users(${window}) ${users}`, expected: { nodes: rows.map(shownUser(naive)) } };
  },
  usersById: (naive, _cursors, at, size) => {
    const some = naive.users.filter((_user, index) => index % (1 + (at % 7)) === 0).slice(0, size);
    if (some.length === 0) return null;
    const ids = JSON.stringify(some.map(({ id }) => id));
    return { field: `users(userIds: ${ids}) ${users}`, expected: { nodes: some.map(shownUser(naive)) } };
  },
  userByAddress: (naive, _cursors, at) => {
    const user = naive.userOfAddress(`a${at % 60}@x`);
    return {
      field: `user(email: "A${at % 60}@x") { userId protectionState }`,
      expected: user === undefined ? null : shownUser(naive)(user),
    };
  },
  rowsByAddress: (naive, _cursors, at, size) => {
    const addresses = Array.from({ length: size }, (_, index) => `a${(at + 7 * index) % 60}@x`);
    const rows = [...new Set(addresses)].flatMap((address) => naive.rowOfAddress(address) ?? []);
    return {
      field: `protectionStatuses(emails: ${JSON.stringify(addresses)}) { nodes { state user { userId } } }`,
      expected: {
        nodes: rows.map((row) => {
          const user = naive.userOfRow(row);
          return { state: naive.stateOf(row), user: user === undefined ? null : { userId: user.id } };
        }),
      },
    };
  },
  filter: (naive, _cursors, at) => {
    const state = ['PROTECTED', 'UNPROTECTED', 'NOT_IN_BACKUP'][at % 3] ?? '';
    const found = naive.users.filter((user) => naive.stateOfUser(user) === state);
    return {
      field: `users(filter: { protection: { state: ${state} } }, first: 1000) ${users}`,
      expected: { nodes: found.map(shownUser(naive)) },
    };
  },
  order: (naive, _cursors, _at, size) => {
    const states = naive.users.map((user) => naive.stateOfUser(user));
    const ordered = ranks.flatMap((rank) => states.filter((state) => state === rank));
    return {
      field: `users(orderBy: [PROTECTION_ASC], first: ${size}) { nodes { protectionState } }`,
      expected: { nodes: ordered.slice(0, size).map((protectionState) => ({ protectionState })) },
    };
  },
  withoutUser: (naive) => ({
    field: 'protectionStatuses(filter: { hasUser: false }) { totalCount }',
    expected: { totalCount: naive.rows.filter((row) => !naive.hasUser(row)).length },
  }),
  summary: (naive) => {
    const count = (state: string) => naive.users.filter((user) => naive.stateOfUser(user) === state).length;
    return {
      field: 'protectionSummary { protectedCount unprotectedCount notInBackupCount unmatchedStatusCount }',
      expected: {
        protectedCount: count('PROTECTED'),
        unprotectedCount: count('UNPROTECTED'),
        notInBackupCount: count('NOT_IN_BACKUP'),
        unmatchedStatusCount: naive.rows.filter((row) => !naive.hasUser(row)).length,
      },
    };
  },
};

const wholeLists = ['filter', 'order', 'withoutUser', 'summary'];
const others = Object.keys(asks).filter((name) => !wholeLists.includes(name));
/** Whole lists are read rarely, since nothing is read for a while afterwards. */
const ask = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...wholeLists) },
  { weight: 12, arbitrary: fc.constantFrom(...others) },
);

const operation = fc.record({
  fields: fc.array(
    fc.record({
      ask,
      at: fc.nat(1000),
      size: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  /** Rows are fresh for a minute, then stale for another while they are revalidated. */
  pauseSeconds: fc.constantFrom(0, 0, 5, 40, 70, 1000),
  header: fc.constantFrom(null, null, null, 'no-cache', 'max-age=30'),
});

interface Start {
  readonly tenant: TenantData;
  readonly dialect: Dialect;
  readonly maxCacheBytes: number;
  readonly clock: () => number;
}

function start({ tenant, dialect, maxCacheBytes, clock }: Start): Promise<GatewayUnderTest> {
  return startGatewayUnderTest({
    world: worldOfTenant(tenant),
    dialect: dialect === 'none' ? 'plural' : dialect,
    maxCacheBytes,
    clock,
    intercept: (call) => {
      if (call.path === '/connect/token') return undefined;
      call.query.set('pageSize', String(Math.min(pageSize, Number(call.query.get('pageSize')))));
      if (dialect === 'none') Object.assign(call, { body: '{}' });
      return undefined;
    },
  });
}

async function readCursors(gateway: GatewayUnderTest): Promise<Cursors> {
  const edges = '(first: 1000) { edges { cursor } }';
  const { data } = await gateway.queryText(
    `{ tenant(customerId: "c", tenantId: "t") { users${edges} protectionStatuses${edges} } }`,
  );
  const { tenant } = data as { tenant: Record<keyof Cursors, { edges: readonly { cursor: string }[] }> };
  const cursorsOf = (name: keyof Cursors) => tenant[name].edges.map(({ cursor }) => cursor);
  return { users: cursorsOf('users'), protectionStatuses: cursorsOf('protectionStatuses') };
}

test.each(['singular', 'plural', 'none'] as const)(
  'each operation says what the first rows say, in the dialect %s',
  async (dialect) => {
    let operations = 0;
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.constantFrom(64 * 1024 * 1024, 60_000, 0),
        fc.array(operation, { minLength: operationsOfRun, maxLength: operationsOfRun }),
        async (tenant, maxCacheBytes, asked) => {
          const naive = new Naive(tenant, dialect);
          let now = 0;
          const clock = () => now;
          const other = await start({ tenant, dialect, maxCacheBytes, clock });
          const cursors = await readCursors(other).finally(other.stop);
          const gateway = await start({ tenant, dialect, maxCacheBytes, clock });
          try {
            for (const { fields, pauseSeconds, header } of asked) {
              now += pauseSeconds * 1000;
              operations += 1;
              const parts = fields.flatMap(({ ask, at, size }) => {
                // Rows without ids that have one address are repeats, which a window may show or not.
                if (dialect === 'singular' && /statuses/i.test(ask)) return [];
                return asks[ask]?.(naive, cursors, at, size) ?? [];
              });
              const text = parts.map(({ field }, index) => `f${index}: ${field}`).join(' ');
              const answer = await gateway.queryText(
                `{ tenant(customerId: "c", tenantId: "t") { tenantId ${text} } }`,
                {},
                header === null ? {} : { headers: { 'cache-control': header } },
              );
              expect(answer).toEqual({
                data: {
                  tenant: {
                    tenantId: 't',
                    ...Object.fromEntries(parts.map(({ expected }, index) => [`f${index}`, expected])),
                  },
                },
              });
            }
            expect(gateway.reported).toEqual([]);
          } finally {
            await gateway.stop();
          }
        },
      ),
      { numRuns: runs },
    );
    expect(operations).toBeGreaterThanOrEqual(runs * operationsOfRun);
  },
);
