/** The operations in Tailcall's form, and the client's join of its answers. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { joinTo, showUser, showWholeUser } from '../join.js';
import { shown } from '../meaning.js';

export const binary = fileURLToPath(
  new URL('../../node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall', import.meta.url),
);
export const isTailcallInstalled = () => existsSync(binary);

const userFields = 'id displayName mail userPrincipalName';
const wholeUserFields = `${userFields} department jobTitle`;
const rowFields = 'id email moduleStatus { module isProtected }';

/** Pages of a tenant's list in aliases: `users1: users(page: 1) { … }`. */
const pagesOf = (list, count, selection) =>
  Array.from(
    { length: count },
    (_, index) => `${list}${index + 1}: ${list}(page: ${index + 1}) ${selection}`,
  ).join(' ');
const usersPages = (count, fields) =>
  pagesOf('users', count, `{ metadata { totalCount } data { ${fields} } }`);
const protectionPages = (count) => pagesOf('protection', count, `{ data { ${rowFields} } }`);

const rowsOf = (tenant, list) =>
  Object.keys(tenant)
    .filter((alias) => alias.startsWith(list))
    .flatMap((alias) => tenant[alias].data);

function joinUsers(tenant, count, show) {
  const find = joinTo(rowsOf(tenant, 'protection'));
  const users = rowsOf(tenant, 'users').slice(0, count);
  return {
    totalCount: tenant.users1.metadata.totalCount,
    nodes: users.map((user) => show(user, find(user))),
  };
}

const tenantQuery = (name, selection) =>
  `query ${name}($customerId: String!, $tenantId: String!) { tenant(customerId: $customerId, tenantId: $tenantId) { ${selection} } }`;

/** @param samples printed by the upstream */
export function tailcallOperationsOf({ small, wide, tenants, users, rowPages }, dialect) {
  const lists = dialect === 'singular' ? ['byMail', 'byPrincipalName'] : ['byMail'];
  const lookUpQuery = `query lookUp($customerId: String!, $tenantId: String!, $userId: String!) {
    lookUp(customerId: $customerId, tenantId: $tenantId, userId: $userId) {
      user { ${userFields} } ${lists.map((list) => `${list} { data { ${rowFields} } }`).join(' ')}
    }
  }`;
  const shapeLookUp = ({ data: { lookUp } }) => {
    const { user } = lookUp;
    const find = joinTo(lists.flatMap((list) => lookUp[list].data));
    return { data: { user: user === null ? null : showUser(user, find(user)) } };
  };
  const pageQuery = tenantQuery('page', `${usersPages(1, userFields)} ${protectionPages(rowPages)}`);
  const wideQuery = tenantQuery('wide', `${usersPages(10, wholeUserFields)} ${protectionPages(10)}`);
  const nestedQuery = `{ customers(first: 10) { metadata { totalCount } data { id organization tenants { id name
    ${usersPages(1, userFields)} ${protectionPages(rowPages)} } } } }`;
  const shapeTenant =
    (count, show) =>
    ({ data: { tenant } }) => ({ data: { tenant: { users: joinUsers(tenant, count, show) } } });
  const shapeCustomer = ({ id, organization, tenants: own }) => ({
    customerId: id,
    organization: shown(organization),
    tenants: (own ?? []).map((tenant) => ({
      tenantId: tenant.id,
      name: shown(tenant.name),
      users: joinUsers(tenant, 20, showUser),
    })),
  });
  const each = (query, list) => list.map((variables) => ({ query, variables }));
  return {
    small: { requests: each(lookUpQuery, [small]), shape: shapeLookUp },
    nested: {
      requests: each(nestedQuery, [{}]),
      shape: ({ data: { customers } }) => ({
        data: {
          customers: {
            totalCount: customers.metadata.totalCount,
            nodes: customers.data.map(shapeCustomer),
          },
        },
      }),
    },
    wide: { requests: each(wideQuery, [wide]), shape: shapeTenant(1000, showWholeUser) },
    'varied tenants': { requests: each(pageQuery, tenants), shape: shapeTenant(100, showUser) },
    'varied look-ups': { requests: each(lookUpQuery, users), shape: shapeLookUp },
  };
}
