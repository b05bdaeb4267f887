/**
 * Restricted and unrestricted callers at once, by random operations, explained or not, over HTTP: nothing of a customer
 * that is not a restricted caller's own stands in its answers, headers and audit lines. Every id, name and address of the
 * world holds its customer's token, by which the scan finds it, in encoded ids and cursors as well.
 *
 * FOREIGN_DATA_OPERATIONS sets how many operations there are (1,500 by default; 10,000 take some minutes), and
 * FOREIGN_DATA_SEED the seed, which a failure names.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import type { AuditEntry } from '../../src/server/observability/audit-entry.ts';
import type { ExplainedRequest, Explanation } from '../../src/server/observability/explain.ts';
import type { SimulatorAnswer, SimulatorCall } from '../../src/simulator/exchange.ts';
import type { SimulatorDialect } from '../../src/simulator/simulator.ts';
import type { World } from '../../src/simulator/world.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { createRandom } from '../random-operations.ts';
import { until } from '../until.ts';
import { createWorldOf, customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';

const start = useGateways();

const operations = Number(process.env['FOREIGN_DATA_OPERATIONS'] ?? 1500);
const seed = Number(process.env['FOREIGN_DATA_SEED'] ?? Date.now() % 1_000_000);
/** More than a page of the list of customers. */
const customerCount = 129;
/** Those that most operations are about, so that they meet. */
const popularCustomers = 2;
/** Some pages of them, which look-ups save. */
const popularUsers = 240;
const otherUsers = 6;
const restrictedCallers = 8;
const operationsAtOnce = 48;

const folder = mkdtempSync(join(tmpdir(), 'foreign-data-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

type Random = () => number;

interface Caller {
  readonly name: string;
  /** The tokens of its customers; null for all. */
  readonly tokens: ReadonlySet<string> | null;
}

/** An entry of a tenant's list that was looked up with other operations' keys. */
const jointLookUp = /"endpoint":"[^"]*\{tenantId\}[^"]*"[^}]*"keys":\[[^\]]+\][^}]*"status":200,"bytes":null/;

interface Sent {
  readonly caller: Caller;
  readonly requestId: string;
  readonly query: string;
  readonly text: string;
  readonly headers: string;
}

/** Long enough that no hash in a header holds one by chance. */
const tokenOf = (index: number) => `zqtoken${index}x`;
const tokensIn = (text: string) => new Set(text.toLowerCase().match(/zqtoken\d+x/g) ?? []);
const idOf = (token: string) => `${token}-customer`;
const pick = <Item>(random: Random, items: readonly Item[]): Item => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
};
const text = (value: unknown) => JSON.stringify(value);
const usersOf = (id: string) =>
  Number(/\d+/.exec(id)?.[0] ?? 0) < customerCount - popularCustomers ? otherUsers : popularUsers;

function createWorldData(): WorldData {
  const tokens = Array.from({ length: customerCount }, (_, index) => tokenOf(index));
  const tenantsOf = (token: string, index: number) =>
    Array.from({ length: index % 3 }, (_, tenant) => `${token}-tenant-${tenant}`);
  return {
    customers: tokens.map((token, index) =>
      customerRow({
        id: idOf(token),
        organization: `Organization ${token}`,
        ownerEmail: `owner@${token}.example`,
        tenants: tenantsOf(token, index).map((id) => ({ id, name: `Name ${token}` })),
      }),
    ),
    directory: tokens.map((token) => ({
      id: idOf(token),
      organization: `Entry ${token}`,
      ownerEmail: null,
      jobStatus: null,
      countryOrRegion: null,
    })),
    tenants: Object.fromEntries(
      tokens.flatMap((token, index) =>
        tenantsOf(token, index).map((id) => {
          const mails = Array.from(
            { length: usersOf(token) },
            (_, user) => `${id}-user-${user}@${token}.example`,
          );
          return [
            `any/${id}`,
            {
              users: mails.map((mail, user) => userRow({ id: `${id}-user-${user}`, mail })),
              protection: mails.slice(1).map((mail) => protectionRow(mail)),
            },
          ];
        }),
      ),
    ),
  };
}

/** Looks at a tenant's id alone, whatever customer's id stands before it. */
function createLenientWorld(data: WorldData): World {
  const world = createWorldOf(data);
  return { ...world, tenant: (_customerId, tenantId) => world.tenant('any', tenantId) };
}

/** Cuts the directory, with a foreign id in the link that goes on; and fails now and then, at a row among many. */
function createIntercept(data: WorldData, random: Random) {
  return ({ path, query }: SimulatorCall): SimulatorAnswer | undefined => {
    if (path === '/connect/token') return undefined;
    const luck = random();
    if (luck < 0.01) return { status: 503, body: '' };
    if (luck < 0.02) {
      const rows = data.customers.slice(0, 57).map(({ id }) => ({ id, value: id }));
      return { status: 200, body: text({ data: [...rows, { id: {} }], value: [...rows, { id: {} }] }) };
    }
    if (path !== '/partner/customers') return undefined;
    const isNext = query.has('$skiptoken');
    const link = { '@odata.nextLink': `https://x.example/partner/customers?$skiptoken=${idOf(tokenOf(99))}` };
    return {
      status: 200,
      body: text({
        ...(isNext ? {} : link),
        value: isNext ? data.directory.slice(100) : data.directory.slice(0, 100),
      }),
    };
  };
}

const userFields = 'id userId mail protection { email user { userId } } tenant { tenantId name }';
const tenantFields = `id tenantId name users(first: 4) { totalCount pageInfo { endCursor } nodes { ${userFields} } } protectionStatuses(first: 2) { nodes { email } }`;
const ownLists = `users(last: 2) { pageInfo { startCursor } nodes { ${userFields} } } protectionStatuses(first: 2) { pageInfo { endCursor } nodes { id email } }`;
const customerFields = `id customerId organization directoryEntry { organization } tenants { ${tenantFields} } ${ownLists}`;
const anyFields = `__typename ... on Customer { ${customerFields} } ... on Tenant { ${tenantFields} } ... on User { ${userFields} }`;

/** A field of the root: about the caller's own customers, others', and tenants of others below own ones. */
function createField(random: Random, { tokens }: Caller, data: WorldData): string {
  const all = data.customers.map(({ id }) => id);
  const own = tokens === null ? all : [...tokens].map(idOf);
  const popular = all.slice(-popularCustomers);
  const customerId = () =>
    pick(random, random() < 0.6 && tokens !== null && own.length > 0 ? own : random() < 0.7 ? popular : all);
  const tenantsOf = (id: string) => data.customers.find((row) => row.id === id)?.tenants ?? [];
  const tenant = () => {
    const id = customerId();
    const listed = tenantsOf(random() < 0.7 ? id : customerId());
    return { customerId: id, tenantId: listed.length === 0 ? 'none' : pick(random, listed).id };
  };
  const user = () => {
    const key = tenant();
    const tenantId = random() < 0.8 ? key.tenantId : tenant().tenantId;
    const userId = `${tenantId}-user-${Math.floor(random() * (usersOf(tenantId) + 2))}`;
    return { ...key, userId, mail: `${userId}@${/zqtoken\d+x/.exec(userId)?.[0] ?? 'none'}.example` };
  };
  const some = <Item>(create: () => Item) => Array.from({ length: 1 + Math.floor(random() * 4) }, create);
  const args = (key: object) =>
    Object.entries(key)
      .filter(([name]) => name !== 'mail')
      .map(([name, value]) => `${name}: ${text(value)}`)
      .join(', ');
  const globalId = () => {
    const { customerId: id, tenantId, userId } = user();
    const parts = pick(random, [
      ['Customer', id],
      ['Tenant', id, tenantId],
      ['User', id, tenantId, userId],
    ]);
    return Buffer.from(text(parts)).toString('base64url');
  };
  const users = () => {
    const key = tenant();
    const asked = some(user);
    return pick(random, [
      `tenant(${args(key)}) { users(userIds: ${text(asked.map(({ userId }) => userId))}) { nodes { ${userFields} } } }`,
      `tenant(${args(key)}) { user(email: ${text(asked[0]?.mail)}) { ${userFields} } }`,
      `tenant(${args(key)}) { protectionStatuses(emails: ${text(asked.map(({ mail }) => mail))}) { totalCount nodes { email user { userId } } } }`,
      `tenant(${args(key)}) { users(filter: { protection: { state: NOT_IN_BACKUP } }) { totalCount nodes { userId } } }`,
    ]);
  };
  const choices: (() => string)[] = [
    () => `customer(customerId: ${text(customerId())}) { ${customerFields} }`,
    () => `customers(customerIds: ${text(some(customerId))}) { totalCount nodes { ${customerFields} } }`,
    () => `customers(first: 3) { totalCount pageInfo { endCursor hasNextPage } nodes { ${customerFields} } }`,
    () => `tenant(${args(tenant())}) { ${tenantFields} customer { customerId } }`,
    users,
    users,
    users,
    () => `user(${args(user())}) { ${userFields} }`,
    () => `user(${args(user())}) { ${userFields} }`,
    () => `user(${args(user())}) { ${userFields} }`,
    () => `node(id: ${text(globalId())}) { ${anyFields} }`,
    () => `nodes(ids: ${text(some(globalId))}) { ${anyFields} }`,
    () =>
      `_entities(representations: [${some(() => `{ __typename: "User", ${args(user())} }`).join(', ')}]) { ${anyFields} }`,
    () => 'directory { customerId organization customer { organization } }',
    () => `users(first: 5) { pageInfo { endCursor } nodes { ${userFields} } }`,
    () =>
      'protectionStatuses(first: 5) { pageInfo { endCursor } nodes { id email user { userId } tenant { tenantId name } } }',
    () =>
      `users(customers: { customerIds: ${text(some(customerId))} }, first: 5) { missing { tenantId } nodes { ${userFields} } }`,
    () => `tenant(tenantId: ${text(tenant().tenantId)}) { ${tenantFields} customer { ${ownLists} } }`,
    () => `tenant(tenantId: ${text(tenant().tenantId)}) { tenantId name }`,
  ];
  if (tokens !== null) {
    choices.push(
      () => 'protectionSummary { userCount notInBackupCount missing { tenantId message } }',
      () =>
        'protectionSummary(filter: { coverage: { above: 0 } }, users: { search: "user" }) { groups(by: CUSTOMER) { totalCount nodes { value userCount customer { organization } } } departments: groups(by: DEPARTMENT) { nodes { value userCount } } }',
      () =>
        'customers(orderBy: COVERAGE_ASC) { totalCount missing { tenantId } nodes { customerId protectionSummary { userCount } } }',
    );
  }
  return pick(random, choices)();
}

/** Look-ups of a popular tenant's rows, as fresh as can be: many of them are in the air at the same time. */
function createLookUp(random: Random, { tokens }: Caller): string | null {
  const token = tokenOf(customerCount - 1 - Math.floor(random() * popularCustomers));
  if (tokens?.has(token) === false) return null;
  const tenantId = `${token}-tenant-0`;
  const ids = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    return `${tenantId}-user-${Math.floor(random() * popularUsers)}`;
  });
  const mails = ids.map((id) => `${id}@${token}.example`);
  const list =
    random() < 0.5
      ? `users(userIds: ${text(ids)}) { nodes { ${userFields} } }`
      : `protectionStatuses(emails: ${text(mails)}) { nodes { email } }`;
  return `tenant(customerId: ${text(idOf(token))}, tenantId: ${text(tenantId)}) { ${list} }`;
}

async function send(
  gateway: GatewayUnderTest,
  random: Random,
  caller: Caller,
  data: WorldData,
  index: number,
) {
  const requestId = `operation-${index}`;
  const isReport = caller.tokens !== null && random() < 0.02;
  const lookUp = random() < 0.4 ? createLookUp(random, caller) : null;
  const fields =
    lookUp === null
      ? Array.from({ length: 1 + Math.floor(random() * 2) }, () => createField(random, caller, data))
      : [lookUp];
  const query = isReport
    ? 'subscription { protectionReport { progress { tenantsTotal calls } tenant { customerId tenantId name } totals { userCount } } }'
    : `{ ${fields.map((field, position) => `field${position}: ${field}`).join(' ')} }`;
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': caller.name,
      'x-request-id': requestId,
      ...(isReport ? { accept: 'text/event-stream' } : {}),
      ...(random() < 0.5 ? { 'x-explain': 'true' } : {}),
      ...(lookUp !== null || random() < 0.3 ? { 'cache-control': 'no-cache' } : {}),
    },
    body: text({ query }),
  });
  const headers = [...response.headers].map((header) => header.join(': ')).join('\n');
  return { caller, requestId, query, text: await response.text(), headers };
}

/** What stands in an answer, what is encoded in its texts included. */
function readable(answer: string): string {
  const decoded = (answer.match(/[\w-]{12,}/g) ?? []).map((word) =>
    Buffer.from(word, 'base64url').toString('latin1'),
  );
  return [answer, ...decoded].join('\n');
}

/** Without the keys in its explanation that the operation itself names. */
function withoutOwnKeys(answer: string, asked: string): string {
  if (!answer.startsWith('{')) return answer;
  return text(
    JSON.parse(answer, (name, value: unknown) =>
      name === 'keys' && Array.isArray(value)
        ? value.filter((key) => !asked.includes(text(String(key).replace(/^(id|mail|upn|email):/, ''))))
        : value,
    ),
  );
}

const spansCustomers = ({ endpoint }: Pick<ExplainedRequest, 'endpoint'>) => !endpoint.includes('{tenantId}');
const nameOf = (path: string, keys: readonly string[]) =>
  `${path} ${keys
    .map((key) => key.toLowerCase())
    .toSorted()
    .join(' ')}`;

/** What an explanation should not show. */
function faultsOf(explanation: Explanation, { tokens }: Caller, looked: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  const { requests, calls } = explanation;
  if (calls !== requests.reduce((sum, { attempts }) => sum + attempts, 0))
    faults.push('calls is not their sum');
  const lists = new Set<string>();
  for (const request of requests) {
    const { path, bytes, keys, source, endpoint } = request;
    if (tokens !== null && spansCustomers(request)) {
      if (bytes !== null || 'pageIndex' in request || 'pageSize' in request || path.includes('?'))
        faults.push(`a part of a list: ${text(request)}`);
      if (keys === undefined && lists.size === lists.add(`${source} ${endpoint}`).size)
        faults.push(`more than one entry for a list: ${text(request)}`);
    } else if (bytes !== null && keys !== undefined && !looked.has(nameOf(path.replace(/\?.*/, ''), keys))) {
      faults.push(`bytes of more than the keys: ${text(request)}`);
    }
  }
  return faults;
}

/** The look-ups that the upstream was asked for. */
function lookUpsOf(calls: readonly SimulatorCall[]): Set<string> {
  return new Set(
    calls.flatMap(({ path, body }) => {
      if (!body.startsWith('{')) return [];
      // With both names of a filter, the deployment looks at one of them.
      const filters = Object.values(JSON.parse(body) as Record<string, string | string[]>);
      return filters.map((keys) => nameOf(path, [keys].flat()));
    }),
  );
}

function foreignTokens(shown: string, { tokens }: Caller): string[] {
  return tokens === null ? [] : [...tokensIn(shown)].filter((token) => !tokens.has(token));
}

function faultsOfSent(
  { caller, query, text: answer, headers }: Sent,
  entry: AuditEntry | undefined,
  looked: ReadonlySet<string>,
): string[] {
  const faults = [
    ...foreignTokens(readable(withoutOwnKeys(answer, readable(query))), caller).map(
      (token) => `${token} in the answer`,
    ),
    ...foreignTokens(readable(headers), caller).map((token) => `${token} in the headers`),
    ...foreignTokens(text(entry), caller).map((token) => `${token} in the audit`),
  ];
  if (entry === undefined) faults.push('there is no line in the audit');
  if (caller.tokens !== null && (entry?.customerCount ?? 0) > caller.tokens.size)
    faults.push('the audit counts more customers');
  if (answer.startsWith('{')) {
    const { errors = [], extensions } = JSON.parse(answer) as {
      errors?: { message: string; extensions: { endpoint?: string } }[];
      extensions?: { upstream?: Explanation };
    };
    if (extensions?.upstream !== undefined) faults.push(...faultsOf(extensions.upstream, caller, looked));
    for (const error of errors) {
      const { endpoint } = error.extensions;
      const isOfPart = caller.tokens !== null && endpoint !== undefined && spansCustomers({ endpoint });
      if (isOfPart && /\[\d+\]/.test(text({ ...error, locations: [], path: [], paths: [] })))
        faults.push(`the place of a foreign row: ${error.message}`);
    }
  }
  return faults.map((fault) => `${fault}, of ${caller.name} by ${query}: ${answer.slice(0, 2000)}`);
}

describe('random operations by restricted and unrestricted callers at once', () => {
  test.each<SimulatorDialect>(['plural', 'singular'])(
    'show nothing of foreign customers, in the %s dialect',
    async (dialect) => {
      const random = createRandom(seed);
      const data = createWorldData();
      const callers: Caller[] = [
        ...Array.from({ length: restrictedCallers }, (_, index) => ({
          name: `restricted-${index}`,
          tokens: new Set(
            Array.from({ length: index }, () => {
              const among = random() < 0.7 ? popularCustomers : customerCount;
              return tokenOf(customerCount - 1 - Math.floor(random() * among));
            }),
          ),
        })),
        { name: 'all-0', tokens: null },
        { name: 'all-1', tokens: null },
      ];
      const keysFile = join(folder, `${dialect}.json`);
      const keys = callers.map(({ name, tokens }) => ({
        name,
        sha256: hashKey(name),
        customers: tokens === null ? 'all' : [...tokens].map(idOf),
      }));
      writeFileSync(keysFile, text({ keys }));
      const gateway = await start({
        world: createLenientWorld(data),
        dialect,
        latencyMs: 15,
        lifetime: { freshMs: 400, absentMs: 200, staleWhileRevalidateMs: 400, staleIfErrorMs: 2000 },
        callers: { kind: 'known', keysFile, tokens: null },
        hasMetrics: true,
        intercept: createIntercept(data, createRandom(seed + 1)),
      });
      const sent: Sent[] = [];
      let next = 0;
      const total = Math.ceil(operations / 2);
      const work = async () => {
        while (next < total) {
          const index = next++;
          // Restricted callers mostly, so that they meet each other and all the others.
          const caller = pick(random, random() < 0.7 ? callers.slice(0, restrictedCallers) : callers);
          sent.push(await send(gateway, random, caller, data, index));
        }
      };
      await Promise.all(Array.from({ length: operationsAtOnce }, work));
      await until(() => gateway.audit.length >= total);
      const entries = new Map(gateway.audit.map((entry) => [entry.requestId, entry]));
      const looked = lookUpsOf(gateway.calls);
      const faults = sent.flatMap((each) => faultsOfSent(each, entries.get(each.requestId), looked));
      const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
      expect({ seed, faults: faults.slice(0, 3) }).toEqual({ seed, faults: [] });
      expect([...tokensIn(metrics)]).toEqual([]);
      expect([gateway.reported, gateway.logged]).toEqual([[], []]);
      // They have met: calls were shared, and look-ups were made for several operations at once.
      const restricted = sent.filter(({ caller }) => caller.tokens !== null).map((each) => each.text);
      expect(restricted.some((answer) => answer.includes('"source":"SHARED"'))).toBe(true);
      if (dialect === 'plural') expect(restricted.some((answer) => jointLookUp.test(answer))).toBe(true);
    },
  );
});
