/** What the operator learns of what is wrong around the gateway: one warning each, and a fault in the health report. */
import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import type { SimulatorAnswer, SimulatorCall } from '../../src/simulator/exchange.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { until } from '../until.ts';
import { customerRow, worldOfTenant } from '../world-of.ts';
import { freePort } from '../free-port.ts';

const world = {
  ...worldOfTenant({ users: [], protection: [] }),
  customers: [customerRow({ id: 'c', tenants: [] })],
};
const query = '{ customers { totalCount } }';
const anew = { headers: { 'cache-control': 'no-cache' } };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Intercept = (call: SimulatorCall) => SimulatorAnswer | 'reset' | undefined;

async function start(
  options: {
    intercept?: Intercept;
    apiUrl?: URL;
    tokenUrl?: URL;
    maxRetries?: number;
    hasMetrics?: boolean;
  } = {},
): Promise<GatewayUnderTest> {
  const { intercept, apiUrl, tokenUrl, maxRetries = 0, hasMetrics = false } = options;
  const simulator = await startSimulator({
    port: 0,
    world: createWorld(),
    latencyMs: 0,
    dialect: 'plural',
    ...(intercept === undefined ? {} : { intercept }),
  });
  const { credentials } = simulator;
  const moved: Simulator = {
    ...simulator,
    credentials: {
      ...credentials,
      apiUrl: apiUrl ?? credentials.apiUrl,
      tokenUrl: tokenUrl ?? credentials.tokenUrl,
    },
  };
  const gateway = await startGatewayUnderTest({ world, simulator: moved, maxRetries, hasMetrics });
  closing.push(
    () => simulator.stop(),
    () => gateway.stop(),
  );
  return gateway;
}

const createWorld = () => ({ seed: 1, customers: 2, tenantsPerCustomer: 1, usersPerTenant: 1 });

async function faultsOf({ url }: GatewayUnderTest): Promise<readonly string[]> {
  const { faults } = (await (await fetch(`${url}/health/ready`)).json()) as { faults: readonly string[] };
  return faults;
}

const warningsOf = ({ logged }: GatewayUnderTest) =>
  logged.flatMap(({ level, text }) => (level === 'warn' ? [text] : []));

/** Asks so often, and expects one warning, which the health report repeats. */
async function expectOneWarning(gateway: GatewayUnderTest, pattern: RegExp, operations = 6): Promise<void> {
  for (let count = 0; count < operations; count++) await gateway.queryText(query, {}, anew);
  expect(warningsOf(gateway)).toEqual([expect.stringMatching(pattern)]);
  expect(await faultsOf(gateway)).toEqual(warningsOf(gateway));
  expect(warningsOf(gateway).join()).not.toMatch(/secret-of|simulator-secret/);
}

describe.each(['API', 'identity service'] as const)('the %s', (what) => {
  const setting = what === 'API' ? 'AVEPOINT_API_URL' : 'AVEPOINT_TOKEN_URL';
  const at = (url: string) =>
    what === 'API' ? { apiUrl: new URL(url) } : { tokenUrl: new URL(`${url}/connect/token`) };

  test('that refuses connections', async () => {
    const port = await freePort();
    const gateway = await start(at(`http://127.0.0.1:${port}`));
    await expectOneWarning(
      gateway,
      new RegExp(
        `^The ${what} can't be called: 127.0.0.1:${port} refuses connections \\(ECONNREFUSED\\): check ${setting}\\.$`,
      ),
    );
  });

  test('whose name is unknown', async () => {
    const gateway = await start(at('http://no-such-host.invalid'));
    await expectOneWarning(
      gateway,
      new RegExp(`no-such-host\\.invalid:80 is unknown \\((ENOTFOUND|EAI_AGAIN)\\): check ${setting}`),
    );
  });

  test('whose certificate is not trusted', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keySize: 2048,
    });
    const server = createTlsServer({ cert, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const gateway = await start(at(`https://127.0.0.1:${port}`));
    await expectOneWarning(
      gateway,
      new RegExp(`certificate of 127.0.0.1:${port} is not trusted .*${setting}.*NODE_EXTRA_CA_CERTS`),
    );
  });

  test('that answers with HTML and status 200, until it is mended', async () => {
    let isMended = false;
    const page = {
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>secret-of-the-page</html>',
    };
    const gateway = await start({
      intercept: ({ path }) =>
        !isMended && (path === '/connect/token') === (what !== 'API') ? page : undefined,
    });
    await expectOneWarning(gateway, new RegExp(`^The ${what} at 127.0.0.1:\\d+ .*page of HTML.*${setting}`));
    isMended = true;
    await until(async () => (await gateway.queryText(query, {}, anew)).errors === undefined);
    expect(await faultsOf(gateway)).toEqual([]);
    expect(gateway.logged.at(-1)?.text).toMatch(/^Resolved: The /);
  });
});

test('an open circuit is named with what opened it', async () => {
  const gateway = await start({
    intercept: ({ path }) =>
      path === '/connect/token' ? undefined : { status: 503, body: 'secret-of-the-body' },
  });
  await expectOneWarning(
    gateway,
    /^The API at 127.0.0.1:\d+ keeps failing at POST \S+ \(last: status 503\)/,
    15,
  );
});

describe.each<[string, Intercept, RegExp]>([
  [
    'a wrong secret',
    ({ path }) =>
      path === '/connect/token'
        ? { status: 401, body: '{"error":"invalid_client","error_description":"secret-of-it"}' }
        : undefined,
    /^The identity service at \S+ gives no access token \(status 401\): .*\(invalid_client\).*AVEPOINT_CLIENT_SECRET/,
  ],
  [
    'a refused request for a token',
    ({ path }) =>
      path === '/connect/token' ? { status: 400, body: '{"error":"invalid_request"}' } : undefined,
    /status 400.*invalid_request/,
  ],
  [
    'an identity service that fails',
    ({ path }) => (path === '/connect/token' ? { status: 500, body: 'secret-of-it' } : undefined),
    /identity service at \S+ gives no access token \(status 500\)/,
  ],
  [
    'an identity service that ends connections',
    ({ path }) => (path === '/connect/token' ? 'reset' : undefined),
    /identity service can't be called: \S+ ends connections without an answer/,
  ],
  [
    'an API that refuses every token',
    ({ path }) => (path === '/connect/token' ? undefined : { status: 401, body: 'secret-of-it' }),
    /^The API at \S+ refuses access tokens .*AVEPOINT_API_URL and AVEPOINT_TOKEN_URL belong together/,
  ],
  [
    'an API that forbids every call',
    ({ path }) => (path === '/connect/token' ? undefined : { status: 403, body: 'secret-of-it' }),
    /^The API at \S+ forbids calls of POST \S+ \(status 403\): .*permission elements\.customers\.read\.all/,
  ],
])('%s', (_what, intercept, pattern) => {
  test('is one warning and few calls, and over when it is mended', async () => {
    let isMended = false;
    const counts = { token: 0, api: 0 };
    const gateway = await start({
      maxRetries: 3,
      intercept: (call) => {
        counts[call.path === '/connect/token' ? 'token' : 'api'] += 1;
        return isMended ? undefined : intercept(call);
      },
    });
    const clients = Array.from({ length: 8 }, async () => {
      for (let count = 0; count < 20; count++) await gateway.queryText(query, {}, anew);
    });
    await Promise.all(clients);
    await expectOneWarning(gateway, pattern);
    expect(counts.token).toBeLessThanOrEqual(30);
    expect(counts.api).toBeLessThanOrEqual(30);
    isMended = true;
    await until(async () => (await gateway.queryText(query, {}, anew)).errors === undefined);
    expect(await faultsOf(gateway)).toEqual([]);
  });
});

describe.each([
  [
    'an API without such paths',
    { status: 404, body: 'secret-of-it' },
    /refuses POST \S+ whatever .*\(status 404\)/,
  ],
  [
    'an API that allows no such method',
    { status: 405, body: '' },
    /refuses POST \S+ whatever .*\(status 405\)/,
  ],
  [
    'an API whose rate is used up',
    { status: 429, body: 'secret-of-it' },
    /for its rate \(status 429\) since 20\d\d-/,
  ],
  [
    'an API that asks to wait for ever',
    { status: 429, headers: { 'retry-after': '1' }, body: '' },
    /for its rate \(status 429\) since 20\d\d-/,
  ],
])('%s', (_what, answer, pattern) => {
  test('is one warning, counted, and over when it is mended', async () => {
    let isMended = false;
    const gateway = await start({
      hasMetrics: true,
      intercept: ({ path }) => (isMended || path === '/connect/token' ? undefined : answer),
    });
    await until(async () => {
      await gateway.queryText(query, {}, anew);
      return warningsOf(gateway).length > 0;
    });
    await expectOneWarning(gateway, pattern);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('elements_graph_faults 1\n');
    expect(metrics).toMatch(
      new RegExp(`upstream_calls_total{.*customers/batch",outcome="${answer.status}"} \\d`),
    );
    isMended = true;
    await until(async () => (await gateway.queryText(query, {}, anew)).errors === undefined);
    expect(await faultsOf(gateway)).toEqual([]);
    expect(gateway.logged.at(-1)?.text).toMatch(/^Resolved: The API /);
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain('elements_graph_faults 0\n');
  });
});

test('a tenant that the API does not have is no fault', async () => {
  const gateway = await start({
    intercept: ({ path }) => (path.includes('/users/batch') ? { status: 404, body: '' } : undefined),
  });
  const users = '{ tenant(customerId: "c", tenantId: "t") { users { totalCount } } }';
  for (let count = 0; count < 20; count++) await gateway.queryText(users, {}, anew);
  expect(await faultsOf(gateway)).toEqual([]);
});

test('permissions that the identity service does not grant are one fault, with their names', async () => {
  const gateway = await start({
    intercept: ({ path, body }) => {
      const scopes = new URLSearchParams(body).get('scope')?.split(' ') ?? [];
      return path === '/connect/token' && scopes.includes('partner.customers.read.all')
        ? { status: 400, headers: {}, body: '{"error":"invalid_scope"}' }
        : undefined;
    },
  });
  await expectOneWarning(
    gateway,
    /^The identity service at 127\.0\.0\.1:\d+ does not grant partner\.customers\.read\.all: grant them to the app registration, or remove them from AVEPOINT_SCOPE\.$/,
  );
});
