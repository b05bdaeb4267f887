/**
 * Two credentials at one gateway's memory, who see different rows under the same ids: whatever is asked, aborted and
 * failing at the same time, no answer holds anything of the other's.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
import { createLoaders } from '../../src/loaders.ts';
import { Memory } from '../../src/planner/memory.ts';
import { createPlanner } from '../../src/planner/planner.ts';
import { createHttpServer } from '../../src/server/http.ts';
import type { SimulatorAnswer } from '../../src/simulator/exchange.ts';
import { startSimulator, type SimulatorDialect } from '../../src/simulator/simulator.ts';
import { withAccessToken } from '../../src/transport/access-token.ts';
import { createRetry } from '../../src/transport/retry.ts';
import { createUndiciTransport } from '../../src/transport/undici.ts';
import { lifetimeUnderTest, type GraphQLAnswer } from '../gateway-under-test.ts';
import { createWorldOf, customerRow, protectionRow, userRow, type WorldData } from '../world-of.ts';

const marks = ['alpha', 'omega'] as const;
type Mark = (typeof marks)[number];

/** The same ids in both worlds; every text and every number of rows tells whose it is. */
function worldOf(mark: Mark): WorldData {
  const size = mark === 'alpha' ? 130 : 70;
  const users = Array.from({ length: size }, (_, index) =>
    userRow({ id: `u-${index}`, mail: `u-${index}@example.com`, displayName: `${mark} ${index}` }),
  );
  const protection = users
    .slice(0, size - 7)
    .map(({ mail, id }) => protectionRow(mail, { id, displayName: `${mark} row ${id}` }));
  const customers = Array.from({ length: size }, (_, index) =>
    customerRow({
      id: `c-${index}`,
      organization: `${mark} ${index}`,
      tenants: index < 3 ? [{ id: 't', name: mark }] : [],
    }),
  );
  return {
    customers,
    directory: customers.map(({ id, organization }) => ({
      id,
      organization,
      ownerEmail: null,
      jobStatus: 'Working',
      countryOrRegion: null,
    })),
    tenants: Object.fromEntries([0, 1, 2].map((index) => [`c-${index}/t`, { users, protection }])),
  };
}

let fault: SimulatorAnswer | undefined;
let now = 0;
const stops: (() => Promise<unknown>)[] = [];
const urls = new Map<Mark, string>();
const reported: unknown[] = [];

beforeAll(async () => {
  const schema = createGraphSchema();
  const memory = new Memory({
    // Small enough that rows are driven out all the time.
    maxBytes: 400_000,
    clock: () => now,
    lifetimes: {
      customers: lifetimeUnderTest,
      users: lifetimeUnderTest,
      protectionStatuses: lifetimeUnderTest,
      directory: lifetimeUnderTest,
    },
  });
  for (const mark of marks) {
    const dialect: SimulatorDialect = mark === 'alpha' ? 'plural' : 'singular';
    const simulator = await startSimulator({
      port: 0,
      world: createWorldOf(worldOf(mark)),
      latencyMs: 1,
      dialect,
      intercept: ({ path }) => (path === '/connect/token' ? undefined : fault),
    });
    const { apiUrl } = simulator.credentials;
    const pool = createUndiciTransport({
      baseUrl: apiUrl,
      timeoutMs: 5000,
      maxResponseBytes: 16 * 1024 * 1024,
      connections: 8,
    });
    const transport = withAccessToken(pool.send, pool.send, simulator.credentials);
    const server = await createHttpServer({
      schema,
      createContext: (scope) => {
        const planner = createPlanner(
          { transport, retry: createRetry({ maxRetries: 1 }), credential: mark, memory },
          scope,
        );
        return { planner, loaders: createLoaders(planner) };
      },
      maxCalls: 500,
      timeoutMs: 10_000,
      maxRequests: 100,
      maxAnswerBytes: 1024 * 1024,
      maxDelayMs: 10_000,
      clock: () => now,
      report: (error) => reported.push(error),
    });
    urls.set(mark, await server.listen({ host: '127.0.0.1', port: 0 }));
    stops.push(
      () => server.close({ delayMs: 0, limitMs: 1000 }),
      () => pool.close(),
      () => simulator.stop(),
    );
  }
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

const documents = [
  '{ customers(first: 5) { totalCount nodes { organization tenants { name users { totalCount nodes { displayName protection { displayName } } } } } } }',
  '{ customers(last: 20) { nodes { organization } } }',
  '{ customers { totalCount } }',
  '{ customers(customerIds: ["c-1", "c-69", "c-2"]) { nodes { organization } } }',
  '{ tenant(customerId: "c-1", tenantId: "t") { users(first: 200) { totalCount nodes { displayName protection { displayName } } } } }',
  '{ tenant(customerId: "c-1", tenantId: "t") { name user(email: "u-50@example.com") { displayName } } }',
  '{ tenant(customerId: "c-2", tenantId: "t") { protectionStatuses(first: 100) { totalCount nodes { displayName user { displayName } } } } }',
  '{ user(customerId: "c-1", tenantId: "t", userId: "u-3") { displayName protection { displayName } tenant { name } } }',
  '{ a: user(customerId: "c-2", tenantId: "t", userId: "u-60") { displayName protection { displayName } } b: user(customerId: "c-2", tenantId: "t", userId: "u-100") { displayName protection { displayName } } }',
  '{ directory { organization customer { organization } } }',
];

/** The lengths that only one of the two worlds has. */
const lengths = { alpha: [130, 123], omega: [70, 63] } as const;

interface Step {
  readonly mark: Mark;
  readonly document: string;
  readonly cacheControl: string;
  readonly explains: boolean;
  /** Leaves after so many milliseconds. */
  readonly leavesAfterMs: number | null;
}

async function ask({ mark, document, cacheControl, explains, leavesAfterMs }: Step): Promise<string | null> {
  try {
    const response = await fetch(`${urls.get(mark) ?? ''}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'cache-control': cacheControl,
        'x-explain': String(explains),
      },
      body: JSON.stringify({ query: document }),
      signal: leavesAfterMs === null ? null : AbortSignal.timeout(leavesAfterMs),
    });
    return await response.text();
  } catch {
    return null;
  }
}

const step: fc.Arbitrary<Step> = fc.record({
  mark: fc.constantFrom(...marks),
  document: fc.constantFrom(...documents),
  cacheControl: fc.constantFrom('', '', '', 'no-cache', 'max-age=30'),
  explains: fc.boolean(),
  leavesAfterMs: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
  ),
});

const round = fc.record({
  steps: fc.array(step, { minLength: 4, maxLength: 16 }),
  fault: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<SimulatorAnswer>(
        { status: 503, body: '' },
        { status: 200, body: '<html>' },
        { status: 403, body: '' },
      ),
    },
  ),
  seconds: fc.constantFrom(0, 0, 10, 61, 200, 700),
});

test('no answer ever holds what only the other credential may see', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6 }), async (rounds) => {
      for (const { steps, seconds, ...next } of rounds) {
        fault = next.fault;
        now += seconds * 1000;
        const answers = await Promise.all(steps.map(ask));
        answers.forEach((text, index) => {
          const mark = steps[index]?.mark;
          if (text === null || mark === undefined) return;
          const other: Mark = mark === 'alpha' ? 'omega' : 'alpha';
          expect(text).not.toContain(other);
          const { data } = JSON.parse(text) as GraphQLAnswer<Record<string, unknown>>;
          for (const [, length] of JSON.stringify(data).matchAll(/"totalCount":(\d+)/g)) {
            expect(lengths[mark]).toContain(Number(length));
          }
          if (text.includes(mark)) answered += 1;
        });
      }
    }),
    { numRuns: 60 },
  );
  expect(answered).toBeGreaterThan(200);
  expect(reported).toEqual([]);
}, 60_000);
