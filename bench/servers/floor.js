/**
 * The floor: no GraphQL. It knows the operations by name, makes the fewest calls, joins by hand and stringifies. With
 * ROWS_IN_MEMORY=1 it caches decoded rows and their indexes, and only joins and stringifies.
 */
import { createServer } from 'node:http';
import { joinTo, showUser, showWholeUser } from './join.js';
import { addressesOf, shown } from './meaning.js';
import { customersPath, pageSize, protectionPath, rest, usersPath } from './rest.js';

const { fetchByKeys, fetchFirst, fetchPage } = rest;

const cachesRows = process.env.ROWS_IN_MEMORY === '1';
const takesOneAddress = process.env.DIALECT === 'singular';
const cache = new Map();

function cached(key, read) {
  if (!cachesRows) return read();
  let value = cache.get(key);
  if (value === undefined) cache.set(key, (value = read()));
  return value;
}

const readAllRows = async (tenant) => joinTo((await fetchFirst(protectionPath(tenant), Infinity)).rows);

/** Reads the row of one user: one call for both addresses, or one for each until a row is found. */
async function readRowOf(tenant, user) {
  const addresses = addressesOf(user);
  for (const batch of takesOneAddress ? addresses.map((address) => [address]) : [addresses]) {
    if (batch.length === 0) continue;
    const { data } = await fetchByKeys(protectionPath(tenant), 'userEmails', batch);
    const row = joinTo(data)(user);
    if (row !== null) return row;
  }
  return null;
}

/** Reads the first users of a tenant with their rows: from the first pages, then by the fewest calls. */
async function readUsers(tenant, count) {
  const [users, { data, metadata }] = await Promise.all([
    fetchPage(usersPath(tenant), 1),
    fetchPage(protectionPath(tenant), 1),
  ]);
  const first = users.data.slice(0, count);
  const find = joinTo(data);
  const addresses = first.filter((user) => find(user) === null).flatMap(addressesOf);
  const pagesLeft = Math.ceil(metadata.totalCount / pageSize) - 1;
  const joined = { totalCount: users.metadata.totalCount, users: first };
  if (addresses.length === 0 || pagesLeft <= 0) return { ...joined, find };
  const looksUp = pagesLeft > (takesOneAddress ? addresses.length : 1);
  const more = looksUp
    ? [await fetchByKeys(protectionPath(tenant), 'userEmails', addresses)]
    : await Promise.all(
        Array.from({ length: pagesLeft }, (_, index) => fetchPage(protectionPath(tenant), index + 2)),
      );
  return { ...joined, find: joinTo([...data, ...more.flatMap(({ data: rows }) => rows)]) };
}

async function usersOf(tenant, count) {
  const read = await cached(`${count} ${usersPath(tenant)}`, () => readUsers(tenant, count));
  return { totalCount: read.totalCount, nodes: read.users.map((user) => showUser(user, read.find(user))) };
}

async function customerOf({ id, organization, tenants }) {
  return {
    customerId: id,
    organization: shown(organization),
    tenants: await Promise.all(
      (tenants ?? []).map(async ({ id: tenantId, name }) => ({
        tenantId,
        name: shown(name),
        users: await usersOf({ customerId: id, tenantId }, 20),
      })),
    ),
  };
}

const operations = {
  async small({ customerId, tenantId, userId }) {
    const tenant = { customerId, tenantId };
    const { data } = await cached(`user ${tenantId} ${userId}`, () =>
      fetchByKeys(usersPath(tenant), 'userIds', [userId]),
    );
    const [user] = data;
    if (user === undefined) return { user: null };
    const row = await cached(`row ${tenantId} ${userId}`, () => readRowOf(tenant, user));
    return { user: showUser(user, row) };
  },

  async nested() {
    const { totalCount, rows } = await cached('customers', () => fetchFirst(customersPath, 10));
    return { customers: { totalCount, nodes: await Promise.all(rows.map(customerOf)) } };
  },

  async page(tenant) {
    return { tenant: { users: await usersOf(tenant, pageSize) } };
  },

  async wide(tenant) {
    const [{ totalCount, rows }, find] = await Promise.all([
      cached(`1000 ${usersPath(tenant)}`, () => fetchFirst(usersPath(tenant), 1000)),
      cached(`all ${protectionPath(tenant)}`, () => readAllRows(tenant)),
    ]);
    const nodes = rows.map((user) => showWholeUser(user, find(user)));
    return { tenant: { users: { totalCount, nodes } } };
  },
};

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    try {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString());
      const name = /^query (\w+)/.exec(query)[1];
      const text = JSON.stringify({ data: await operations[name](variables) });
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      response.end(text);
    } catch (error) {
      response.writeHead(500);
      response.end(String(error));
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(`ready: http://127.0.0.1:${server.address().port}/graphql`));
