/** Each caller has a share of the subscriptions, and a report ends soon after its caller's key is removed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { sha256 } from '../http-exchange.ts';
import { bodyOf, openConnection, postHead, type OpenConnection } from '../open-connection.ts';
import { parseEventStream } from '../request-forms.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { until } from '../until.ts';
import { createWorldOf, customerRow } from '../world-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'subscription-shares-'));
const keysFile = join(folder, 'keys.json');
const connections: OpenConnection[] = [];
let gateway: GatewayProcess | undefined;
let simulator: Simulator | undefined;
afterEach(async () => {
  for (const { socket } of connections.splice(0)) socket.destroy();
  await endProcess(gateway);
  await simulator?.stop();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** @param customers of each key, by its name */
function writeKeys(customers: Readonly<Record<string, 'all' | readonly string[]>>): void {
  const keys = Object.entries(customers).map(([name, ids]) => ({
    name,
    sha256: sha256(name),
    customers: ids,
  }));
  writeFileSync(keysFile, JSON.stringify({ keys }));
}

/** A gateway whose reports begin and never end, since one tenant's users hang. */
async function start(settings: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  writeKeys({ first: 'all', second: 'all' });
  simulator = await startSimulator({
    port: 0,
    world: createWorldOf({
      customers: [customerRow({ id: 'c', tenants: [{ id: 't', name: 'Tenant' }] })],
      directory: [],
      tenants: {},
    }),
    latencyMs: 0,
    dialect: 'plural',
    intercept: ({ path }) => (path.includes('/tenants/') ? 'hang' : undefined),
  });
  gateway = await startGatewayProcess(simulator, {
    CALLERS: '',
    CALLERS_KEYS_FILE: keysFile,
    AVEPOINT_TIMEOUT_MS: '600000',
    OPERATION_TIMEOUT_MS: '600000',
    ...settings,
  });
  return gateway;
}

interface Report {
  readonly isLetIn: boolean;
  readonly connection: OpenConnection;
}

async function subscribe({ url }: GatewayProcess, key: string): Promise<Report> {
  const connection = await openConnection(url);
  connections.push(connection);
  const body = JSON.stringify({ query: 'subscription { protectionReport { progress { tenantsTotal } } }' });
  connection.socket.write(
    `${postHead([`x-api-key: ${key}`, 'accept: text/event-stream', 'connection: close', `content-length: ${body.length}`])}${body}`,
  );
  const text = await connection.read((all) => all.includes('tenantsTotal') || all.includes('errors'));
  if (text.includes('errors')) expect(text).toContain('OVERLOADED');
  return { isLetIn: !text.includes('errors'), connection };
}

test('a caller with its share of the subscriptions is refused, and another one is not', async () => {
  const running = await start({ MAX_SUBSCRIPTIONS: '8', MAX_SUBSCRIPTIONS_PER_CALLER: '2' });
  const reports = [];
  for (let index = 0; index < 4; index++) reports.push(await subscribe(running, 'first'));
  expect(reports.map(({ isLetIn }) => isLetIn)).toEqual([true, true, false, false]);
  expect((await subscribe(running, 'second')).isLetIn).toBe(true);
  // What one of its reports leaves is its own again.
  reports[0]?.connection.socket.destroy();
  await until(async () => (await subscribe(running, 'first')).isLetIn);
});

test('a caller’s share is not all of them, even if no setting says so', async () => {
  const running = await start({ MAX_SUBSCRIPTIONS: '4' });
  const reports = [];
  for (let index = 0; index < 6; index++) reports.push(await subscribe(running, 'first'));
  expect(reports.filter(({ isLetIn }) => isLetIn).length).toBeLessThan(4);
  expect((await subscribe(running, 'second')).isLetIn).toBe(true);
});

test.each([
  ['customers', { customers: ['other'] }],
  ['documents', { trustedDocumentsOnly: true }],
])('a report ends soon after the %s of its caller’s key change', async (_what, change) => {
  const running = await start({ MAX_SUBSCRIPTIONS: '8' });
  const report = await subscribe(running, 'first');
  writeFileSync(
    keysFile,
    JSON.stringify({ keys: [{ name: 'first', sha256: sha256('first'), customers: 'all', ...change }] }),
  );
  expect(parseEventStream(bodyOf(await report.connection.closed())).at(-1)).toMatchObject({
    errors: [
      {
        message: 'The permissions of this credential have changed. Send the request again.',
        extensions: { code: 'UNAUTHENTICATED' },
      },
    ],
  });
});

test('a report ends soon after its caller’s key is removed, and others go on', async () => {
  const running = await start({ MAX_SUBSCRIPTIONS: '8' });
  const removed = await subscribe(running, 'first');
  const kept = await subscribe(running, 'second');
  writeKeys({ second: 'all' });
  const text = await removed.connection.closed();
  expect(parseEventStream(bodyOf(text)).at(-1)).toMatchObject({
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(kept.connection.socket.closed).toBe(false);
  expect(kept.connection.text()).not.toContain('errors');
});
