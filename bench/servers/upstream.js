/**
 * The upstream: the embedded simulation behind a plain node:http server that stores each answer's bytes by URL and
 * body: from its second call on, a page costs a map access. Prints what its clients need; `/calls` of another port
 * reports how many calls it answered, and how many of them the simulation computed.
 */
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers';
import { Pool } from 'undici';
import { createGeneratedWorld } from '../../dist/modules/simulator/generated-world.js';
import { startSimulator } from '../../dist/modules/simulator/simulator.js';

const latencyMs = Number(process.env.LATENCY_MS ?? 0);
const dialect = process.env.DIALECT ?? 'plural';
const maxPages = 50_000;
const weekSeconds = 604_800;

const measures = { seed: 7, customers: 240, tenantsPerCustomer: 2 };
const world = createGeneratedWorld({ ...measures, usersPerTenant: 150 });
/** The same ids with larger tenants; `wide` is one of them. */
const largeWorld = createGeneratedWorld({ ...measures, usersPerTenant: 1200 });

const tenantsOf = ({ id, tenants }) => tenants.map((tenant) => ({ customerId: id, tenantId: tenant.id }));
const customersTenants = Array.from({ length: world.customers.count }, (_, index) =>
  tenantsOf(world.customers.at(index)),
).filter((tenants) => tenants.length > 0);
const sizeOf = ({ customerId, tenantId }) => {
  const { users, protection } = largeWorld.tenant(customerId, tenantId);
  return Math.max(users.count, protection.count);
};
/** The largest tenant with at most a thousand users and a thousand rows, outside the customers of `nested`. */
const wide = customersTenants
  .slice(20)
  .flat()
  .filter((tenant) => sizeOf(tenant) <= 1000)
  .reduce((largest, tenant) => (sizeOf(tenant) > sizeOf(largest) ? tenant : largest));

const { credentials } = await startSimulator({
  port: 0,
  world: {
    ...world,
    tenant: (customerId, tenantId) =>
      (tenantId === wide.tenantId ? largeWorld : world).tenant(customerId, tenantId),
  },
  dialect,
  latencyMs: 0,
  // The token is stored like any other answer.
  tokenLifeSeconds: weekSeconds,
});
const simulation = new Pool(credentials.apiUrl.origin);
const pages = new Map();
let calls = 0;
let computed = 0;

async function computePage({ method, url, headers }, body, key) {
  computed += 1;
  const { authorization, 'content-type': type } = headers;
  const answer = await simulation.request({
    method,
    path: url,
    headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
    body: body === '' ? null : Buffer.from(body, 'latin1'),
  });
  const page = { status: answer.statusCode, bytes: Buffer.from(await answer.body.arrayBuffer()) };
  if (pages.size >= maxPages) pages.clear();
  if (page.status === 200) pages.set(key, page);
  return page;
}

function send(response, { status, bytes }) {
  response.sendDate = false;
  // An array is node:http's fastest form of headers.
  response.writeHead(status, ['content-type', 'application/json', 'content-length', String(bytes.length)]);
  response.end(bytes);
}

const answer = latencyMs > 0 ? (...what) => setTimeout(send, latencyMs, ...what) : send;

const listen = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
const upstreamPort = await listen(
  createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    calls += 1;
    let body = '';
    request.on('data', (chunk) => (body += chunk.latin1Slice()));
    request.on('end', () => {
      const key = `${request.method} ${request.url} ${body}`;
      const page = pages.get(key);
      if (page !== undefined) answer(response, page);
      else computePage(request, body, key).then((computedPage) => answer(response, computedPage));
    });
  }),
);
const counterPort = await listen(
  createServer((_request, response) => response.end(JSON.stringify({ calls, computed }))),
);

/** A tenant of each of 200 customers, with two users each. */
const tenants = customersTenants
  .map(([tenant]) => tenant)
  .filter(({ tenantId }) => tenantId !== wide.tenantId)
  .slice(0, 200);
const usersOf = ({ customerId, tenantId }, ...indexes) =>
  indexes.map((index) => ({
    customerId,
    tenantId,
    userId: world.tenant(customerId, tenantId).users.at(index).id,
  }));
const smallSizes = customersTenants
  .flat()
  .map(({ customerId, tenantId }) => world.tenant(customerId, tenantId).protection.count);
const { users: wideUsers } = largeWorld.tenant(wide.customerId, wide.tenantId);

console.log(
  JSON.stringify({
    settings: {
      CALLERS: 'open',
      DIALECT: dialect,
      AVEPOINT_API_URL: `http://127.0.0.1:${upstreamPort}`,
      AVEPOINT_TOKEN_URL: `http://127.0.0.1:${upstreamPort}${credentials.tokenUrl.pathname}`,
      AVEPOINT_CLIENT_ID: credentials.clientId,
      AVEPOINT_CLIENT_SECRET: credentials.credential.secret.reveal(),
    },
    counter: `http://127.0.0.1:${counterPort}`,
    samples: {
      wide,
      small: { ...wide, userId: wideUsers.at(5).id },
      tenants,
      /** Pages of a hundred that hold any tenant's protection rows, except those of `wide`. */
      rowPages: Math.ceil(Math.max(...smallSizes) / 100),
      users: tenants.flatMap((tenant) => usersOf(tenant, 3, 11)),
    },
  }),
);
