/** Worlds whose lists change between any two calls of the upstream, and walks through them. */
import fc from 'fast-check';
import { startGatewayUnderTest } from '../gateway-under-test.ts';
import type { CustomerRow, ProtectionRow, UserRow } from '../../src/simulator/world.ts';
import { customerRow, protectionRow, userRow } from '../world-of.ts';

export interface Change {
  /** Index of the list, modulo the number of lists. */
  readonly list: number;
  /** Calls between the previous change and this one. */
  readonly calls: number;
  readonly at: number;
  readonly gone: number;
  readonly come: number;
  readonly comeAt: number;
  /** Moves of rows: from and to. */
  readonly moved: readonly (readonly [number, number])[];
}

/** All rows, filtered rows, or all in an order. */
export type QueryKind = 'plain' | 'filtered' | 'ordered';
/** `estateUsers` and `estateRows` are of all customers, `customerUsers` of one, who has all the tenants. */
export const listNames = [
  'customers',
  'users',
  'protectionStatuses',
  'estateUsers',
  'estateRows',
  'customerUsers',
] as const;
export type ListName = (typeof listNames)[number];

const hasManyTenants = (list: ListName) => /^estate|^customerUsers$/.test(list);

export interface Walk {
  readonly dialect: 'singular' | 'plural';
  readonly list: ListName;
  readonly queryKind: QueryKind;
  readonly isForward: boolean;
  readonly size: number;
  /** Maximum page size of the upstream. */
  readonly cap: number;
  /** The number of rows in each list. */
  readonly counts: readonly number[];
  /** Rows that stand in their list a second time: which one, and where. */
  readonly repeats: readonly (readonly [number, number])[];
  readonly changes: readonly Change[];
  /** Seconds before each window, cyclic; null for a request that bypasses the cache. */
  readonly pauses: readonly (number | null)[];
}

/** Maximum windows of a walk. */
const maxWindows = 16;

export const walks = (list: ListName, queryKind: QueryKind): fc.Arbitrary<Walk> =>
  fc
    .record({
      dialect: fc.constantFrom('singular' as const, 'plural' as const),
      list: fc.constant(list),
      queryKind: fc.constant(queryKind),
      isForward: fc.boolean(),
      size: fc.integer({ min: 1, max: 120 }),
      cap: fc.constantFrom(100, 40, 25, 12),
      counts: fc.array(fc.integer({ min: 0, max: hasManyTenants(list) ? 110 : 220 }), {
        minLength: 1,
        maxLength: hasManyTenants(list) ? 5 : 1,
        size: 'max',
      }),
      repeats: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(fc.tuple(fc.nat(220), fc.nat(220)), { maxLength: 3 }) },
      ),
      changes: fc.array(
        fc.record({
          list: fc.nat(6),
          calls: fc.integer({ min: 1, max: 5 }),
          at: fc.nat(220),
          gone: fc.oneof(fc.nat(3), fc.nat(14), fc.nat(90)),
          come: fc.oneof(fc.nat(3), fc.nat(14), fc.nat(90)),
          comeAt: fc.nat(220),
          moved: fc.array(fc.tuple(fc.nat(220), fc.nat(220)), { maxLength: 2 }),
        }),
        { maxLength: 5, size: 'max' },
      ),
      pauses: fc.array(fc.constantFrom(0, 0, null, 70, 800), { minLength: 1, maxLength: 4 }),
    })
    .map((walk) => {
      const rows = walk.counts.reduce((sum, count) => sum + count, 0);
      return { ...walk, size: Math.max(walk.size, Math.ceil(rows / maxWindows)) };
    });

/** A list, and its rows that have kept their order among each other. */
export class MovingList<Row> {
  readonly rows: Row[];
  readonly #stayed: Set<string>;
  readonly #lengths: Set<number>;
  readonly #idOf: (row: Row) => string;
  readonly #create: (name: string) => Row;
  #come = 0;

  constructor(rows: Row[], idOf: (row: Row) => string, create: (name: string) => Row) {
    this.rows = rows;
    this.#idOf = idOf;
    this.#create = create;
    this.#stayed = new Set(rows.map(idOf));
    this.#lengths = new Set([rows.length]);
  }

  get stayed(): ReadonlySet<string> {
    return this.#stayed;
  }

  /** A former length would hide the change, so another one is chosen. */
  change({ at, gone, come, comeAt, moved }: Change): void {
    const { rows } = this;
    for (const row of rows.splice(at % (rows.length + 1), gone)) this.#leave(row);
    for (const [from, to] of moved) {
      const [row] = rows.splice(from % (rows.length + 1), 1);
      if (row === undefined) continue;
      this.#leave(row);
      rows.splice(to % (rows.length + 1), 0, row);
    }
    for (let count = 0; count < come || this.#lengths.has(rows.length); count++) {
      this.#come += 1;
      rows.splice(comeAt % (rows.length + 1), 0, this.#create(`new-${this.#come}`));
    }
    this.#lengths.add(rows.length);
  }

  #leave(row: Row): void {
    this.#stayed.delete(this.#idOf(row));
  }
}

const userOf = (id: string) => {
  const number = Number(/\d+$/.exec(id)?.[0] ?? 0);
  return userRow({ id, displayName: `Name ${(number * 37) % 101}`, isTestUser: number % 3 === 0 });
};
const protectionOf = (id: string) => {
  const number = Number(/\d+$/.exec(id)?.[0] ?? 0);
  return protectionRow(`${id}@example.com`, {
    displayName: `${number % 3 === 0 ? 'Other' : 'Some'} ${(number * 37) % 101}`,
  });
};
const customerOf = (id: string, tenants: CustomerRow['tenants'] = []) => {
  const number = Number(/\d+$/.exec(id)?.[0] ?? 0);
  return customerRow({
    id,
    organization: `Name ${(number * 37) % 101}`,
    countryOrRegion: number % 3 === 0 ? 'Austria' : 'Slovenia',
    tenants,
  });
};

export function withRepeats<Row>(rows: Row[], repeats: Walk['repeats']): Row[] {
  for (const [which, where] of repeats) {
    const row = rows[which % Math.max(1, rows.length)];
    if (row !== undefined) rows.splice(where % (rows.length + 1), 0, row);
  }
  return rows;
}

const namesUpTo = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`);

interface Connection {
  readonly changedWhileRead: boolean;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly edges: readonly { readonly node: Readonly<Record<string, unknown>> }[];
}

const userDocuments: Record<QueryKind, string> = {
  plain: 'users(WINDOW) { FIELDS edges { node { id: userId } } }',
  filtered: 'users(filter: { isTestUser: false }, WINDOW) { FIELDS edges { node { id: userId } } }',
  ordered: 'users(orderBy: [DISPLAY_NAME_DESC], WINDOW) { FIELDS edges { node { id: userId } } }',
};
const rowDocuments: Record<QueryKind, string> = {
  plain: 'protectionStatuses(WINDOW) { FIELDS edges { node { id: email } } }',
  filtered: 'protectionStatuses(filter: { search: "some" }, WINDOW) { FIELDS edges { node { id: email } } }',
  ordered: 'protectionStatuses(orderBy: [DISPLAY_NAME_ASC], WINDOW) { FIELDS edges { node { id: email } } }',
};
const documents: Record<ListName, Record<QueryKind, string>> = {
  customers: {
    plain: 'customers(WINDOW) { FIELDS edges { node { id: customerId } } }',
    filtered:
      'customers(filter: { countryOrRegion: "slovenia" }, WINDOW) { FIELDS edges { node { id: customerId } } }',
    ordered: 'customers(orderBy: [ORGANIZATION_ASC], WINDOW) { FIELDS edges { node { id: customerId } } }',
  },
  users: userDocuments,
  protectionStatuses: rowDocuments,
  estateUsers: userDocuments,
  estateRows: rowDocuments,
  customerUsers: userDocuments,
};
/** Where a list is found, and the field that gives it. */
function placeOf(list: ListName, text: string): string {
  if (list === 'customerUsers') return `at: customer(customerId: "customer-0") { ${text} }`;
  const isOfTenant = list === 'users' || list === 'protectionStatuses';
  return isOfTenant ? `at: tenant(customerId: "customer-0", tenantId: "t0") { ${text} }` : text;
}
const fields = 'changedWhileRead pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

export interface Walked {
  /** The ids of the rows that were shown, in the order of the list. */
  readonly shown: readonly string[];
  readonly hasSaidChanged: boolean;
  /** Rows that matched throughout and kept their order. */
  readonly stayed: readonly string[];
  /** Those that the upstream lists more than once. */
  readonly repeated: ReadonlySet<string>;
  readonly windows: readonly number[];
  /** Calls, changes and windows, in order. */
  readonly events: readonly string[];
}

/** Pages through a connection. */
export async function walkThrough(walk: Walk): Promise<Walked> {
  const { list, queryKind, isForward, size, cap, counts, repeats, changes, pauses } = walk;
  const isEstate = hasManyTenants(list);
  const isWanted = (id: string) =>
    queryKind !== 'filtered' || Number(/(\d+)(@|$)/.exec(id)?.[1] ?? 0) % 3 !== 0;
  const isOfRows = list === 'protectionStatuses' || list === 'estateRows';
  const isOfUsers = !isOfRows && list !== 'customers';
  const tenants = isEstate ? counts : [counts[0] ?? 0];
  const users = tenants.map(
    (count, tenant) =>
      new MovingList<UserRow>(
        withRepeats(namesUpTo(isOfUsers ? count : 0, `t${tenant}-user`).map(userOf), repeats),
        ({ id }) => id,
        (name) => userOf(`t${tenant}-${name}`),
      ),
  );
  const protection = tenants.map(
    (count, tenant) =>
      new MovingList<ProtectionRow>(
        withRepeats(namesUpTo(isOfRows ? count : 0, `t${tenant}-row`).map(protectionOf), repeats),
        ({ email }) => email ?? '',
        (name) => protectionOf(`t${tenant}-${name}`),
      ),
  );
  const tenantIds = tenants.map((_count, index) => ({ id: `t${index}`, name: null }));
  const ownerOf = (tenant: number) => (list === 'customerUsers' ? 'customer-0' : `customer-${tenant}`);
  const customers = new MovingList<CustomerRow>(
    list === 'customers'
      ? withRepeats(
          namesUpTo(counts[0] ?? 0, 'customer').map((id) => customerOf(id)),
          repeats,
        )
      : list === 'customerUsers'
        ? [customerOf('customer-0', tenantIds)]
        : tenantIds.map((tenant, index) => customerOf(ownerOf(index), [tenant])),
    ({ id }) => id,
    (name) => customerOf(name),
  );
  const ofTenants: readonly MovingList<UserRow | ProtectionRow>[] = (isOfRows ? protection : users) as never;
  const moving: readonly MovingList<UserRow | ProtectionRow | CustomerRow>[] =
    list === 'customers'
      ? ([customers] as never)
      : ([...ofTenants, ...(list.startsWith('estate') ? [customers] : [])] as never);
  const repeated = new Set(
    moving.flatMap(({ rows }) => {
      const ids = rows.map((row) => ('id' in row && row.id !== null ? row.id : (row as ProtectionRow).email));
      return ids.filter((id, index) => ids.indexOf(id) !== index).map(String);
    }),
  );
  const waiting = [...changes];
  let sinceChange = 0;
  let now = 0;
  const events: string[] = [];
  const gateway = await startGatewayUnderTest({
    dialect: walk.dialect,
    clock: () => now,
    maxUpstreamCalls: 5000,
    world: {
      customers: customers.rows,
      directory: [],
      tenants: Object.fromEntries(
        users.map(({ rows }, index) => [
          `${ownerOf(index)}/t${index}`,
          { users: rows, protection: protection[index]?.rows ?? [] },
        ]),
      ),
    },
    intercept: ({ path, query }) => {
      if (path === '/connect/token') return undefined;
      for (let [next] = waiting; next !== undefined && sinceChange >= next.calls; [next] = waiting) {
        waiting.shift();
        sinceChange = 0;
        moving[next.list % moving.length]?.change(next);
        events.push(`change of ${next.list % moving.length}`);
      }
      sinceChange += 1;
      query.set('pageSize', String(Math.min(cap, Number(query.get('pageSize')))));
      events.push(`${path.replace(/^.*\/(\w+\/)/, '$1')}?${query.toString()}`);
      return undefined;
    },
  });
  try {
    const shown: string[] = [];
    const windows: number[] = [];
    let hasSaidChanged = false;
    let cursor: string | null = null;
    for (let number = 0; number < 400; number++) {
      const pause = pauses[number % pauses.length] ?? null;
      now += (pause ?? 0) * 1000;
      const text = documents[list][queryKind]
        .replace('WINDOW', isForward ? 'first: $size, after: $cursor' : 'last: $size, before: $cursor')
        .replace('FIELDS', fields);
      const { data, errors } = await gateway.queryText(
        `query ($size: Int, $cursor: String) { ${placeOf(list, text)} }`,
        { size, cursor },
        pause === null ? { headers: { 'cache-control': 'no-cache' } } : {},
      );
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      const at = (data?.['at'] ?? data) as Record<string, Connection>;
      const connection = at[isOfRows ? 'protectionStatuses' : isOfUsers ? 'users' : 'customers'];
      if (connection === undefined) throw new Error('There is no connection.');
      const ids = connection.edges.map(({ node }) => String(node['id']));
      events.push(`window of ${ids.length}, from ${ids[0] ?? 'nothing'} to ${ids.at(-1) ?? 'nothing'}`);
      windows.push(ids.length);
      if (isForward) shown.push(...ids);
      else shown.unshift(...ids);
      hasSaidChanged ||= connection.changedWhileRead;
      const { hasNextPage, hasPreviousPage, startCursor, endCursor } = connection.pageInfo;
      const next: string | null = isForward ? endCursor : startCursor;
      if (!(isForward ? hasNextPage : hasPreviousPage) || next === null) {
        const stays = isEstate ? ofTenants : moving;
        return {
          shown,
          windows,
          hasSaidChanged,
          repeated,
          events,
          stayed: stays.flatMap(({ stayed }, index) =>
            !isEstate || customers.stayed.has(ownerOf(index)) ? [...stayed].filter(isWanted) : [],
          ),
        };
      }
      cursor = next;
    }
    throw new Error(['The walk does not end:', ...events.slice(-60)].join('\n'));
  } finally {
    await gateway.stop();
  }
}
