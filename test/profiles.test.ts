/**
 * Several of the upstream's credentials in one gateway, which see different rows under the same ids: whatever is asked,
 * aborted and failing at the same time, no answer holds anything of another's, and none waits for another's trouble.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exportJWK, SignJWT } from 'jose';
import { hashKey } from '../src/callers/api-keys.ts';
import { readConfig } from '../src/config/config.ts';
import { readLifetimes } from '../src/config/lifetimes.ts';
import { startGateway } from '../src/gateway.ts';
import type { SimulatorAnswer, SimulatorCall } from '../src/simulator/exchange.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import { patience } from './gateway-process.ts';
import { lifetimeUnderTest, type GraphQLAnswer } from './gateway-under-test.ts';
import { until } from './until.ts';
import { createWorldOf, customerRow, protectionRow, userRow, type WorldData } from './world-of.ts';
import { stormSize } from './storms.ts';

const marks = ['alpha', 'omega'] as const;
type Mark = (typeof marks)[number];

/** The same ids in both worlds; every text and every number of rows shows whose it is. */
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

/** What the calls of each upstream are answered with instead. */
let faults: Partial<Record<Mark, SimulatorAnswer>> = {};
let now = 0;
let url = '';
const calls: Record<Mark, SimulatorCall[]> = { alpha: [], omega: [] };
const stops: (() => Promise<unknown>)[] = [];
const reported: unknown[] = [];
const signingKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const issuer = 'https://identity.example.com/';

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  const keysFile = join(folder, 'keys.json');
  const keys = marks.map((mark) => ({ name: mark, sha256: hashKey(mark), customers: 'all', profile: mark }));
  writeFileSync(keysFile, JSON.stringify({ keys }));
  const published = { ...(await exportJWK(signingKey.publicKey)), kid: 'one', alg: 'RS256' };
  const provider = createServer((_request, response) => {
    response.end(JSON.stringify({ keys: [published] }));
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const environment: Record<string, string> = {
    PORT: '0',
    AVEPOINT_PROFILES: marks.join(' '),
    AVEPOINT_MAX_RETRIES: '1',
    ...patience,
    CALLERS_KEYS_FILE: keysFile,
    CALLERS_JWT_ISSUER: issuer,
    CALLERS_JWT_AUDIENCE: 'elements-graph',
    CALLERS_JWT_JWKS_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
  };
  for (const mark of marks) {
    const simulator = await startSimulator({
      port: 0,
      world: createWorldOf(worldOf(mark)),
      latencyMs: 1,
      dialect: mark === 'alpha' ? 'plural' : 'singular',
      intercept: (call) => {
        if (call.path === '/connect/token') return undefined;
        calls[mark].push(call);
        return faults[mark];
      },
    });
    stops.unshift(simulator.stop);
    const { apiUrl, tokenUrl, clientId, credential } = simulator.credentials;
    Object.assign(environment, {
      [`AVEPOINT_${mark.toUpperCase()}_API_URL`]: apiUrl.href,
      [`AVEPOINT_${mark.toUpperCase()}_TOKEN_URL`]: tokenUrl.href,
      [`AVEPOINT_${mark.toUpperCase()}_CLIENT_ID`]: clientId,
      [`AVEPOINT_${mark.toUpperCase()}_CLIENT_SECRET`]: credential.secret.reveal(),
    });
  }
  const config = readConfig(environment);
  const lifetimes = readLifetimes(() => lifetimeUnderTest);
  // Small enough that rows are driven out all the time.
  const cache = { maxBytes: 400_000, maxAnswerBytes: 1024 * 1024, lifetimes };
  const gateway = await startGateway(
    { ...config, cache },
    { clock: () => now, report: (error) => reported.push(error) },
  );
  ({ url } = gateway);
  stops.unshift(gateway.stop);
  stops.push(() => {
    rmSync(folder, { recursive: true });
    provider.close();
    return Promise.resolve();
  });
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
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': mark,
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
    { weight: 3, arbitrary: fc.constant(null) },
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

describe('a profile', () => {
  const query = '{ customers(first: 1) { nodes { organization } } }';
  const withHeaders = async (headers: Record<string, string>) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, text: await response.text() };
  };
  const token = (claims: object) =>
    new SignJWT({ sub: 'someone', customers: 'all', ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(issuer)
      .setAudience('elements-graph')
      .setExpirationTime('1h')
      .sign(signingKey.privateKey);

  test("is chosen by a token's claim, and a token without one counts for nothing", async () => {
    faults = {};
    for (const mark of marks) {
      const { text } = await withHeaders({
        authorization: `Bearer ${await token({ avepoint_profile: mark })}`,
      });
      expect(text).toContain(`${mark} 0`);
    }
    for (const claims of [{}, { avepoint_profile: 'beta' }, { avepoint_profile: ['alpha'] }]) {
      const { status, text } = await withHeaders({ authorization: `Bearer ${await token(claims)}` });
      expect(status).toBe(401);
      expect(text).not.toMatch(/alpha|omega/);
    }
  });

  test('whose upstream has stopped working is named by the readiness check', async () => {
    const readiness = async () => (await fetch(`${url}/health/ready`)).json();
    faults = { alpha: { status: 503, body: '' } };
    now += 10_000_000;
    for (let round = 0; round < 20; round++) await withHeaders({ 'x-api-key': 'alpha' });
    expect(await readiness()).toEqual({
      status: 'ready',
      faults: [
        expect.stringMatching(
          /^The API of the profile alpha at 127\.0\.0\.1:\d+ keeps failing at POST \/partner\/external\/v3\/general\/customers\/batch \(last: status 503\): the endpoint's circuit is open, and only probes are sent\.$/,
        ),
      ],
    });
    faults = {};
    await until(async () => (await withHeaders({ 'x-api-key': 'alpha' })).text.includes('alpha 0'));
    expect(await readiness()).toEqual({ status: 'ready', faults: [] });
  });

  test('whose upstream is down, or asks to wait, holds up no other', async () => {
    for (const fault of [
      { status: 503, body: '' },
      { status: 429, body: '', headers: { 'retry-after': '2' } },
    ] satisfies SimulatorAnswer[]) {
      faults = { alpha: fault };
      // Nothing is left that could stand in.
      now += 10_000_000;
      const failing = await Promise.all(
        Array.from({ length: 30 }, () => withHeaders({ 'x-api-key': 'alpha' })),
      );
      expect(failing.filter(({ text }) => text.includes('alpha 0'))).toEqual([]);
      calls.omega.length = 0;
      const [refused, answered] = await Promise.all([
        withHeaders({ 'x-api-key': 'alpha' }),
        withHeaders({ 'x-api-key': 'omega' }),
      ]);
      expect(refused.text).toMatch(/UPSTREAM_/);
      expect(answered.text).toContain('omega 0');
      expect(calls.omega).toHaveLength(1);
    }
  });
});

test('no answer ever holds what only the other profile may see', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6 }), async (rounds) => {
      for (const { steps, seconds, fault } of rounds) {
        faults = fault === null ? {} : { alpha: fault, omega: fault };
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
    { numRuns: stormSize(60, 20) },
  );
  expect(answered).toBeGreaterThan(stormSize(200, 60));
  expect(reported).toEqual([]);
});
