/**
 * The embedded simulation behind a server that answers from its finished pages: what it has answered once costs a look at
 * a map, so that this process is not the limit of what is measured. Prints what a client of it needs; `/calls` of another
 * port counts the calls.
 */
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers';
import { Pool } from 'undici';
import { createGeneratedWorld } from '../../dist/modules/simulator/generated-world.js';
import { startSimulator } from '../../dist/modules/simulator/simulator.js';

const latencyMs = Number(process.env.LATENCY_MS ?? 0);
const dialect = process.env.DIALECT ?? 'plural';
const world = createGeneratedWorld({ seed: 7, customers: 40, tenantsPerCustomer: 2, usersPerTenant: 1200 });
const { credentials } = await startSimulator({ port: 0, world, dialect, latencyMs: 0 });
const simulation = new Pool(credentials.apiUrl.origin);
const maxPages = 20_000;
const pages = new Map();
let calls = 0;

const listen = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

async function findPage({ method, url, headers }, body) {
  const key = `${method} ${url} ${body}`;
  const known = pages.get(key);
  if (known !== undefined) return known;
  const { authorization, 'content-type': type } = headers;
  const answer = await simulation.request({
    method,
    path: url,
    headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
    body: body === '' ? null : body,
  });
  const page = { status: answer.statusCode, bytes: Buffer.from(await answer.body.arrayBuffer()) };
  if (pages.size >= maxPages) pages.clear();
  if (page.status === 200) pages.set(key, page);
  return page;
}

const upstreamPort = await listen(
  createServer((request, response) => {
    calls += 1;
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text) => (body += text));
    request.on('end', async () => {
      const { status, bytes } = await findPage(request, body);
      const answer = () => {
        response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
        response.end(bytes);
      };
      if (latencyMs > 0) setTimeout(answer, latencyMs);
      else answer();
    });
  }),
);
const counterPort = await listen(createServer((_request, response) => response.end(String(calls))));

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
    DIALECT: dialect,
    AVEPOINT_API_URL: `http://127.0.0.1:${upstreamPort}`,
    AVEPOINT_TOKEN_URL: credentials.tokenUrl.href,
    AVEPOINT_CLIENT_ID: credentials.clientId,
    AVEPOINT_CLIENT_SECRET: credentials.credential.secret.reveal(),
    counter: `http://127.0.0.1:${counterPort}`,
    wide,
    small,
  }),
);
