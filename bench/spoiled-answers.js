/**
 * Callers that accept nothing cached (`Cache-Control: no-cache`), over a simulation in this process that spoils a share
 * of its answers: how many operations are complete, and the upstream calls they cost. Prints a table: `npm run
 * bench:spoiled -- --seconds 15 --seeds 3`.
 */
import { parseArgs } from 'node:util';
import { Agent, request } from 'undici';
import { createGeneratedWorld } from '../dist/modules/simulator/generated-world.js';
import { startSimulator } from '../dist/modules/simulator/simulator.js';
import { startGateway } from './gateway-process.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    seeds: { type: 'string', default: '3' },
    clients: { type: 'string', default: '16,64' },
    rates: { type: 'string', default: '0.05,0.2' },
    'first-seed': { type: 'string', default: '1' },
  },
});
const seconds = Number(values.seconds);
const firstSeed = Number(values['first-seed']);
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => firstSeed + index);

const world = createGeneratedWorld({ seed: 7, customers: 12, tenantsPerCustomer: 2, usersPerTenant: 150 });
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

const [left, right] = Array.from({ length: world.customers.count }, (_, index) => world.customers.at(index))
  .flatMap(({ id, tenants }) => (tenants ?? []).map((tenant) => [id, tenant.id]))
  .map(([customerId, tenantId]) => `tenant(customerId: "${customerId}", tenantId: "${tenantId}")`);
const documents = [
  '{ customers(first: 10) { totalCount nodes { organization } } }',
  `{ ${left} { users(first: 100) { totalCount nodes { displayName } } } }`,
  `{ ${right} { users(first: 100) { totalCount nodes { displayName } } } }`,
  `{ ${left} { users(first: 50) { nodes { displayName protection { isProtected } } } } }`,
];

console.log(
  `${seconds} s for each of ${seeds.length} seeds, Node.js ${process.version}\n\n| spoiled | clients | operations | whole | calls | amplification | errors |\n| ---: | ---: | ---: | ---: | ---: | ---: | --- |`,
);
/** Amplification is the calls of an operation, divided by those it needs if no answer is spoiled. */
for (const clients of values.clients.split(',').map(Number)) {
  const clean = await runAll(clients, 0);
  for (const rate of values.rates.split(',').map(Number)) {
    const run = await runAll(clients, rate);
    console.log(
      `| ${[
        `${rate * 100} %`,
        clients,
        run.operations,
        `${((1 - run.failed / run.operations) * 100).toFixed(3)} %`,
        run.calls,
        (run.calls / run.operations / (clean.calls / clean.operations)).toFixed(3),
        [...run.errors].map(([code, count]) => `${count} ${code}`).join(', '),
      ].join(' | ')} |`,
    );
  }
}
await dispatcher.close();

async function runAll(clients, rate) {
  const counts = { operations: 0, failed: 0, calls: 0, errors: new Map() };
  for (const seed of seeds) await run(counts, { seed, clients, rate });
  return counts;
}

async function run(counts, { seed, clients, rate }) {
  const simulator = await startSimulator({
    port: 0,
    world,
    latencyMs: 5,
    dialect: 'plural',
    faults: { seed, rate },
    intercept: ({ path }) => {
      if (path !== '/connect/token') counts.calls += 1;
    },
  });
  const { apiUrl, tokenUrl, clientId, credential } = simulator.credentials;
  const { url, kill } = await startGateway({
    CALLERS: 'open',
    AVEPOINT_API_URL: apiUrl.href,
    AVEPOINT_TOKEN_URL: tokenUrl.href,
    AVEPOINT_CLIENT_ID: clientId,
    AVEPOINT_CLIENT_SECRET: credential.secret.reveal(),
  });
  const random = randomOf(seed);
  const endsAt = performance.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < endsAt) {
        const errors = await ask(url, documents[Math.floor(random() * documents.length)]);
        counts.operations += 1;
        if (errors.length > 0) counts.failed += 1;
        for (const code of new Set(errors)) counts.errors.set(code, (counts.errors.get(code) ?? 0) + 1);
      }
    }),
  );
  kill();
  await simulator.stop();
}

/** Resolves to the codes of an operation's errors; none if it is complete. */
async function ask(url, query) {
  const { body } = await request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
    body: JSON.stringify({ query }),
    dispatcher,
  });
  const { errors = [] } = await body.json();
  return errors.map(({ extensions }) => extensions?.code ?? 'without a code');
}

/** Numbers from 0 to 1 (excluded), the same for the same seed. */
function randomOf(seed) {
  let state = (seed * 0x9e37_79b9) | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
