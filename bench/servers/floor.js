/**
 * The floor: no GraphQL. It knows the three operations by name, makes the fewest calls, joins by hand and stringifies.
 * With ROWS_IN_MEMORY=1 it keeps what it has read, and only joins and stringifies.
 */
import { createServer } from 'node:http';
import { isProtected, moduleNames, shown } from './meaning.js';
import { customersPath, protectionPath, rest, usersPath } from './rest.js';

const { fetchByKeys, fetchFirst, fetchPage } = rest;

const keepsRows = process.env.ROWS_IN_MEMORY === '1';
const memory = new Map();

function kept(key, read) {
  if (!keepsRows) return read();
  let value = memory.get(key);
  if (value === undefined) memory.set(key, (value = read()));
  return value;
}

function joinTo(rows) {
  const byId = new Map();
  const byEmail = new Map();
  for (const row of rows) {
    if (row.id && !byId.has(row.id)) byId.set(row.id, row);
    const email = shown(row.email)?.toLowerCase();
    if (email && !byEmail.has(email)) byEmail.set(email, row);
  }
  return ({ id, mail, userPrincipalName }) =>
    byId.get(id) ??
    byEmail.get(shown(mail)?.toLowerCase()) ??
    byEmail.get(shown(userPrincipalName)?.toLowerCase()) ??
    null;
}

const showProtection = (row) =>
  row === null ? null : { email: shown(row.email), isProtected: isProtected(row) };
const showUser = (user, row) => ({
  userId: user.id,
  displayName: shown(user.displayName),
  mail: shown(user.mail),
  protection: showProtection(row),
});

async function protectionOf(tenant, users, rows) {
  const find = joinTo(rows);
  const missing = users.filter((user) => find(user) === null);
  if (missing.length === 0) return find;
  const emails = [
    ...new Set(
      missing.flatMap(({ mail, userPrincipalName }) =>
        [shown(mail), shown(userPrincipalName)].filter(Boolean),
      ),
    ),
  ];
  const { data } = await kept(`${protectionPath(tenant)} ${emails}`, () =>
    fetchByKeys(protectionPath(tenant), 'userEmails', emails),
  );
  return joinTo([...rows, ...data]);
}

const operations = {
  async small({ customerId, tenantId, userId }) {
    const tenant = { customerId, tenantId };
    const { data } = await kept(`user ${userId}`, () => fetchByKeys(usersPath(tenant), 'userIds', [userId]));
    const [user] = data;
    if (user === undefined) return { user: null };
    const find = await protectionOf(tenant, [user], []);
    return { user: showUser(user, find(user)) };
  },

  async nested() {
    const { totalCount, rows } = await kept('customers', () => fetchFirst(customersPath, 10));
    const nodes = await Promise.all(
      rows.map(async ({ id, organization, tenants }) => ({
        customerId: id,
        organization: shown(organization),
        tenants: await Promise.all(
          (tenants ?? []).map(async ({ id: tenantId, name }) => {
            const tenant = { customerId: id, tenantId };
            const [users, statuses] = await Promise.all([
              kept(usersPath(tenant), () => fetchPage(usersPath(tenant), 1)),
              kept(protectionPath(tenant), () => fetchPage(protectionPath(tenant), 1)),
            ]);
            const first = users.data.slice(0, 20);
            const find = await protectionOf(tenant, first, statuses.data);
            return {
              tenantId,
              name: shown(name),
              users: {
                totalCount: users.metadata.totalCount,
                nodes: first.map((user) => showUser(user, find(user))),
              },
            };
          }),
        ),
      })),
    );
    return { customers: { totalCount, nodes } };
  },

  async wide(tenant) {
    const [{ totalCount, rows }, { rows: statuses }] = await Promise.all([
      kept(`1000 ${usersPath(tenant)}`, () => fetchFirst(usersPath(tenant), 1000)),
      kept(`all ${protectionPath(tenant)}`, () => fetchFirst(protectionPath(tenant), Infinity)),
    ]);
    const find = joinTo(statuses);
    const nodes = rows.map((user) => {
      const row = find(user);
      return {
        userId: user.id,
        displayName: shown(user.displayName),
        mail: shown(user.mail),
        userPrincipalName: shown(user.userPrincipalName),
        department: shown(user.department),
        jobTitle: shown(user.jobTitle),
        protection:
          row === null
            ? null
            : {
                ...showProtection(row),
                modules: (row.moduleStatus ?? []).map(({ module, isProtected: is }) => ({
                  module: moduleNames.get(module) ?? 'UNKNOWN',
                  isProtected: is,
                })),
              },
      };
    });
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
