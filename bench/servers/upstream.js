/** The embedded simulation in a process of its own. Prints what a client of it needs; `/calls` of the second port counts. */
import { createServer } from 'node:http';
import { createGeneratedWorld } from '../../dist/simulator/generated-world.js';
import { startSimulator } from '../../dist/simulator/simulator.js';

const latencyMs = Number(process.env.LATENCY_MS ?? 0);
const world = createGeneratedWorld({ seed: 7, customers: 40, tenantsPerCustomer: 2, usersPerTenant: 1200 });
let calls = 0;
const { credentials } = await startSimulator({
  port: 0,
  world,
  latencyMs,
  dialect: 'plural',
  intercept: ({ path }) => {
    if (path !== '/connect/token') calls += 1;
    return undefined;
  },
});
const counter = createServer((_request, response) => response.end(String(calls)));
await new Promise((resolve) => counter.listen(0, '127.0.0.1', resolve));

const tenants = Array.from({ length: world.customers.count }, (_, index) =>
  world.customers.at(index),
).flatMap(({ id, tenants }) => (tenants ?? []).map((tenant) => ({ customerId: id, tenantId: tenant.id })));
/** The largest whose users and rows are a thousand at most. */
const sizeOf = ({ customerId, tenantId }) => {
  const { users, protection } = world.tenant(customerId, tenantId);
  return Math.max(users.count, protection.count);
};
const wide = tenants.filter((tenant) => sizeOf(tenant) <= 1000).sort((a, b) => sizeOf(b) - sizeOf(a))[0];
const small = { ...wide, userId: world.tenant(wide.customerId, wide.tenantId).users.at(5).id };

console.log(
  JSON.stringify({
    CALLERS: 'open',
    AVEPOINT_API_URL: credentials.apiUrl.href,
    AVEPOINT_TOKEN_URL: credentials.tokenUrl.href,
    AVEPOINT_CLIENT_ID: credentials.clientId,
    AVEPOINT_CLIENT_SECRET: credentials.credential.secret.reveal(),
    counter: `http://127.0.0.1:${counter.address().port}`,
    wide,
    small,
  }),
);
