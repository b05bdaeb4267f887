/** Exports over HTTP contain the rows of the graph with the same filter, each once. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { protectionStatusColumns, userColumns } from '../../src/exports/columns.ts';
import type { ProtectionRow, UserRow } from '../../src/simulator/world.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import {
  customerHolds,
  hasUser,
  randomCustomerFilter,
  randomStatusFilter,
  randomUserFilter,
  stateOf,
  statusHolds,
  userHolds,
} from '../graph/naive-queries.ts';
import { moduleNames, protectionOf, randomWorld, shown, shownUser } from '../graph/random-world.ts';
import type { CustomerFilter, ProtectionStatusFilter, UserFilter } from '../generated/operations.ts';
import {
  customerRow,
  userRow,
  protectionRow,
  worldOfTenant,
  type TenantData,
  type WorldData,
} from '../world-of.ts';
import {
  formulaStart,
  readCsv,
  readNdjson,
  restoredText,
  type Exported,
  type ExportedRow,
} from './exported.ts';

const start = useGateways();

interface Question {
  readonly customers?: CustomerFilter | null;
  readonly filter?: UserFilter | ProtectionStatusFilter | null;
  readonly columns?: readonly string[];
}

async function fetchExport({ url }: GatewayUnderTest, file: string, question: Question): Promise<string> {
  const response = await fetch(`${url}/export/${file}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
  });
  const bytes = await response.arrayBuffer();
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  expect({ status: response.status, text: response.status === 200 ? '' : text }).toEqual({
    status: 200,
    text: '',
  });
  return text;
}

function moduleCells(row: ProtectionRow | null): ExportedRow {
  const all = row?.moduleStatus ?? [];
  const cells = Object.entries(moduleNames).map(([code, name]) => {
    const same = all.filter(({ module }) => module === Number(code));
    return [name, same.length === 0 ? null : same.every(({ isProtected }) => isProtected)] as const;
  });
  const others = all.filter(({ module }) => !(module in moduleNames));
  return {
    ...Object.fromEntries(cells),
    otherModules: others.map(({ module, isProtected }) => `MODULE_${module}=${isProtected}`),
  };
}

interface Place {
  readonly customerId: string;
  readonly organization: string | null;
  readonly tenantId: string;
  readonly tenant: string | null;
}

function* tenantsOf(
  { customers, tenants }: WorldData,
  filter: CustomerFilter | null,
): Generator<{ readonly place: Place; readonly data: TenantData }> {
  for (const customer of customers) {
    if (filter !== null && !customerHolds(filter, customer)) continue;
    for (const { id, name } of customer.tenants ?? []) {
      const data = tenants[`${customer.id}/${id}`];
      if (data === undefined) continue;
      const place = {
        customerId: customer.id,
        organization: shown(customer.organization),
        tenantId: id,
        tenant: shown(name),
      };
      yield { place, data };
    }
  }
}

function naiveUser(place: Place, user: UserRow, data: TenantData): ExportedRow {
  const protection = protectionOf(user, data);
  const fields = Object.entries(shownUser(user, data)).filter(([name]) => name in userColumns);
  return {
    ...place,
    ...Object.fromEntries(fields),
    protectionState: stateOf(protection),
    ...moduleCells(protection),
  };
}

function withoutTime(rows: readonly ExportedRow[]): readonly ExportedRow[] {
  return rows.map(({ asOf, ...row }) => {
    expect(Number.isNaN(Date.parse(String(asOf)))).toBe(false);
    return row;
  });
}

/** Rows of tenants come in between each other. */
function byTenant(rows: readonly ExportedRow[]): ReadonlyMap<unknown, readonly ExportedRow[]> {
  const groups = new Map<unknown, ExportedRow[]>();
  for (const row of rows) groups.set(row['tenantId'], [...(groups.get(row['tenantId']) ?? []), row]);
  return groups;
}

/** As CSV has the cells of a row. */
function textsOf(row: ExportedRow, columns: readonly string[]): readonly string[] {
  return columns.map((column) => {
    const value = row[column];
    if (Array.isArray(value)) return value.join(' ');
    return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  });
}

/** Texts that are hard for spreadsheets and parsers. */
const nasty = fc.constantFrom(
  '=HYPERLINK("http://evil","x")',
  '+49 170 1234',
  '-2+3',
  '@SUM(1)',
  '\t=1',
  '\r=1',
  ' ＝1',
  'a;=1',
  "'quoted",
  "'=1",
  'He said "so"',
  'two\r\nlines',
  'line\nfeed',
  '👩‍👩‍👧 𝒳',
  'مرحبا \u202eabc',
  'a,b',
  '\u0001control',
  'NULL',
  '007',
  '1e5',
);

const worlds = fc
  .record({
    world: randomWorld({ customers: 4, users: 130 }),
    texts: fc.array(nasty, { minLength: 1, maxLength: 20 }),
    dialect: fc.constantFrom('singular' as const, 'plural' as const),
  })
  .map(({ world, texts, dialect }) => ({
    dialect,
    world: {
      ...world,
      tenants: Object.fromEntries(
        Object.entries(world.tenants).map(([key, { users, protection }]) => [
          key,
          {
            users: users.map((user, index) => ({
              ...user,
              ...(index % 3 === 0 ? { displayName: texts[index % texts.length] ?? null } : {}),
              ...(index % 4 === 0 ? { department: texts[(index + 1) % texts.length] ?? null } : {}),
            })),
            protection,
          },
        ]),
      ),
    },
  }));

const settings = { numRuns: 12, interruptAfterTimeLimit: 25_000 };

test('users are exported as the graph has them, each once, in the order of their lists', async () => {
  const columns = Object.keys(userColumns);
  await fc.assert(
    fc.asyncProperty(
      worlds.chain(({ world, dialect }) => {
        const [first = { users: [], protection: [] }] = Object.values(world.tenants);
        return fc.record({
          world: fc.constant(world),
          dialect: fc.constant(dialect),
          filter: fc.option(randomUserFilter(first)),
          customers: fc.option(randomCustomerFilter(world.customers)),
        });
      }),
      async ({ world, dialect, filter, customers }) => {
        const gateway = await start({ world, dialect });
        const expected = [...tenantsOf(world, customers)].flatMap(({ place, data }) =>
          data.users
            .filter((user) => filter === null || userHolds(filter, user, data))
            .map((user) => naiveUser(place, user, data)),
        );
        const { rows, end } = readNdjson(
          await fetchExport(gateway, 'users.ndjson', { filter, customers, columns }),
        );
        expect(end).toMatchObject({
          rows: expected.length,
          isComplete: true,
          missing: [],
          changedWhileRead: false,
        });
        expect(byTenant(withoutTime(rows))).toEqual(byTenant(expected));
        const [header, ...records] = readCsv(
          await fetchExport(gateway, 'users.csv', { filter, customers, columns }),
        );
        expect(header).toEqual(columns);
        const inCsv = records.map((record) => record.slice(0, -1).map(restoredText));
        const inRows = expected.map((row) => textsOf(row, columns.slice(0, -1)));
        expect(inCsv.map(String).sort()).toEqual(inRows.map(String).sort());
        for (const cell of records.flat()) expect(cell).not.toMatch(formulaStart);
        await gateway.stop();
      },
    ),
    settings,
  );
});

test('protection rows are exported as the graph has them, with their users', async () => {
  const columns = Object.keys(protectionStatusColumns);
  await fc.assert(
    fc.asyncProperty(
      worlds.chain(({ world, dialect }) => {
        const [first = { users: [], protection: [] }] = Object.values(world.tenants);
        return fc.record({
          world: fc.constant(world),
          dialect: fc.constant(dialect),
          filter: fc.option(randomStatusFilter(first)),
        });
      }),
      async ({ world, dialect, filter }) => {
        const gateway = await start({ world, dialect });
        const expected = [...tenantsOf(world, null)].flatMap(({ place, data }) =>
          data.protection
            .filter((row) => filter === null || statusHolds(filter, row, data))
            .map((row) => {
              const user = data.users.find(({ mail, userPrincipalName }) =>
                [mail, userPrincipalName].some(
                  (address) => row.email !== null && address?.toLowerCase() === row.email.toLowerCase(),
                ),
              );
              return {
                ...place,
                email: row.email,
                displayName: shown(row.displayName),
                state: stateOf(row),
                ...moduleCells(row),
                hasUser: hasUser(row, data),
                userId: user?.id ?? null,
                userDisplayName: shown(user?.displayName ?? null),
                userPrincipalName: user?.userPrincipalName ?? null,
                userMail: user?.mail ?? null,
              };
            }),
        );
        const { rows, end } = readNdjson(
          await fetchExport(gateway, 'protection-statuses.ndjson', { filter, columns }),
        );
        expect(end).toMatchObject({ rows: expected.length, isComplete: true });
        expect(byTenant(withoutTime(rows))).toEqual(byTenant(expected));
        await gateway.stop();
      },
    ),
    settings,
  );
});

const manyUsers = (count: number) =>
  Array.from({ length: count }, (_, index) => userRow({ id: `u${index}` }));

test.each([40, 250, 640])(
  'a list of %i users that changes while it is read gives no user twice, and all that stay',
  async (count) => {
    const users = manyUsers(count);
    const world = worldOfTenant({ users, protection: [] });
    let calls = 0;
    const gateway = await start({
      world,
      intercept: ({ path }) => {
        if (!path.endsWith('/um/customers/c/tenants/t/users/batch')) return undefined;
        calls += 1;
        // At the front, so that rows move over the pages' borders.
        if (calls === 3) users.splice(0, 5);
        if (calls === 5) users.unshift(userRow({ id: 'new' }));
        return undefined;
      },
    });
    const stayed = users.slice(5).map(({ id }) => id);
    const { rows, end }: Exported = readNdjson(await fetchExport(gateway, 'users.ndjson', {}));
    const ids = rows.map(({ userId }) => String(userId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(stayed.filter((id) => !ids.includes(id))).toEqual([]);
    expect(end.rows).toBe(ids.length);
  },
);

test('a tenant that fails for a transient reason is read again, and no user is exported twice', async () => {
  let failures = 1;
  const gateway = await start({
    world: worldOfTenant({ users: manyUsers(450), protection: [] }),
    intercept: ({ path, query }) => {
      if (!path.endsWith('/t/users/batch') || query.get('pageIndex') !== '4' || failures === 0)
        return undefined;
      failures -= 1;
      return { status: 503, body: '' };
    },
  });
  const { rows, end } = readNdjson(await fetchExport(gateway, 'users.ndjson', { columns: ['userId'] }));
  expect(rows.map(({ userId }) => userId).sort()).toEqual(
    manyUsers(450)
      .map(({ id }) => id)
      .sort(),
  );
  expect([failures, end]).toMatchObject([0, { rows: 450, isComplete: true }]);
});

test('a tenant that could not be read is named, and the rest is there', async () => {
  const users = manyUsers(250);
  const gateway = await start({
    world: {
      customers: [
        customerRow({
          id: 'c',
          organization: '=Evil',
          tenants: [
            { id: 'good', name: 'Good' },
            { id: 'bad', name: 'Bad' },
          ],
        }),
      ],
      directory: [],
      tenants: {
        'c/good': { users: [userRow({ id: 'x' })], protection: [protectionRow('x@example.com')] },
        'c/bad': { users, protection: [] },
      },
    },
    // Its first page can be read, and the others can't.
    intercept: ({ path, query }) =>
      path.includes('/tenants/bad/users') && query.get('pageIndex') !== '1'
        ? { status: 403, body: '{}' }
        : undefined,
  });
  const { rows, end } = readNdjson(
    await fetchExport(gateway, 'users.ndjson', { columns: ['tenant', 'userId'] }),
  );
  expect(rows.filter(({ tenant }) => tenant === 'Good')).toEqual([{ tenant: 'Good', userId: 'x' }]);
  expect(rows).toHaveLength(101);
  expect(end).toMatchObject({
    rows: 101,
    isComplete: false,
    missing: [
      {
        customerId: 'c',
        tenantId: 'bad',
        organization: '=Evil',
        name: 'Bad',
        reason: 'UPSTREAM_FORBIDDEN',
        rows: 100,
      },
    ],
  });
  const records = readCsv(await fetchExport(gateway, 'users.csv', { columns: ['tenant', 'userId'] }));
  expect(records.at(-1)).toEqual([
    expect.stringMatching(
      /^# Not read: tenant Bad \(bad\) of =Evil \(c\): UPSTREAM_FORBIDDEN: .* 100 of its rows are above\.$/,
    ),
    '',
  ]);
  expect(gateway.audit.at(-1)).toMatchObject({
    kind: 'export',
    operation: 'users.csv',
    outcome: 'partial',
    codes: ['UPSTREAM_FORBIDDEN'],
  });
});
