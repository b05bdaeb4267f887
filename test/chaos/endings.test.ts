/** Operations that end early, while many of their reads are under way, end alone: the process goes on. */
import { afterEach, expect, test } from '@jest/globals';
import {
  complaintsOfItself,
  endProcess,
  startGatewayProcess,
  type GatewayProcess,
} from '../gateway-process.ts';
import { stormSize } from '../storms.ts';

let gateway: GatewayProcess | undefined;
afterEach(async () => {
  await endProcess(gateway);
});

const times = stormSize(6, 2);

const user = 'mail protection { state }';
const operations = [
  `{ users(first: 1000) { nodes { ${user} } } }`,
  `{ users(last: 1000) { totalCount nodes { mail } } }`,
  `{ users(first: 1000, filter: { protection: { isProtected: true } }) { nodes { mail } } }`,
  `{ users(first: 10, orderBy: PROTECTION_ASC) { totalCount nodes { mail } } }`,
  `{ customers(first: 40) { nodes { tenants { users(first: 150) { nodes { ${user} } } protectionStatuses(first: 100) { nodes { user { mail } } } } } } }`,
  `{ customers(first: 40) { nodes { tenants { users(first: 150, orderBy: PROTECTION_ASC) { nodes { mail } } } } } }`,
  '{ protectionSummary { coverage } customers(first: 10, orderBy: COVERAGE_ASC) { nodes { organization } } directory { customerId } }',
];

/** Sends an operation that reads everything anew, and disconnects after a while. */
async function ask(query: string, disconnectAfterMs: number | null): Promise<void> {
  await fetch(`${gateway?.url ?? ''}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
    body: JSON.stringify({ query }),
    ...(disconnectAfterMs === null ? {} : { signal: AbortSignal.timeout(disconnectAfterMs) }),
  })
    .then((response) => response.text())
    // Before its answer, or in the middle of it.
    .catch(() => null);
}

test.each([
  ['their calls are used up', { MAX_UPSTREAM_CALLS: '90' }, null],
  ['their time is over', { OPERATION_TIMEOUT_MS: '300' }, null],
  ['their callers disconnect', {}, 10],
  ['the upstream fails', { SIMULATOR_FAULT_RATE: '0.3' }, 200],
])('when %s', async (_when, settings, firstDisconnectMs) => {
  gateway = await startGatewayProcess(null, {
    SIMULATOR_CUSTOMERS: String(stormSize(150, 60)),
    SIMULATOR_LATENCY_MS: '2',
    ...settings,
  });
  for (const query of operations) {
    for (let time = 0; time < times; time++)
      await ask(query, firstDisconnectMs === null ? null : firstDisconnectMs + (150 / times) * time);
  }
  const isAlive = await fetch(`${gateway.url}/health/live`).then(
    ({ status }) => status === 200,
    () => false,
  );
  expect({ isAlive, complaints: complaintsOfItself(gateway) }).toEqual({ isAlive: true, complaints: [] });
});
