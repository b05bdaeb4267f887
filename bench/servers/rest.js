/** Hand-written client of the upstream's REST API: one pool, one token, the fewest calls. */
import { Pool } from 'undici';

const { AVEPOINT_API_URL, AVEPOINT_TOKEN_URL, AVEPOINT_CLIENT_ID, AVEPOINT_CLIENT_SECRET, DIALECT } =
  process.env;
const pool = new Pool(AVEPOINT_API_URL, { connections: 32 });
let token = null;

export async function fetchToken() {
  const response = await fetch(AVEPOINT_TOKEN_URL, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: AVEPOINT_CLIENT_ID,
      client_secret: AVEPOINT_CLIENT_SECRET,
      scope: 'elements.customers.read.all elements.um.user.read.all elements.cbprotected.read.all',
    }),
  });
  return (await response.json()).access_token;
}

async function post(path, { pageIndex, pageSize: size }, body) {
  token ??= fetchToken();
  const response = await pool.request({
    method: 'POST',
    path: `${path}?pageIndex=${pageIndex}&pageSize=${size}`,
    headers: { authorization: `Bearer ${await token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.body.json();
}

export const pageSize = 100;
export const customersPath = '/partner/external/v3/general/customers/batch';
export const usersPath = ({ customerId, tenantId }) =>
  `/partner/external/v3/um/customers/${customerId}/tenants/${tenantId}/users/batch`;
export const protectionPath = ({ customerId, tenantId }) =>
  `/partner/external/v3/general/customers/${customerId}/tenants/${tenantId}/cloud-backup-m365/users/batch`;

/** Filter names of the singular dialect, which take one key, by those of the plural dialect. */
const singularNames = DIALECT === 'singular' ? { userEmails: 'email' } : {};

/** @param post makes one call, with a path, numbers for its query, and a body */
export function createRest(post) {
  const fetchPage = (path, pageIndex) => post(path, { pageIndex, pageSize }, {});
  const fetchFiltered = (path, body) => post(path, { pageIndex: 1, pageSize }, body);
  return {
    fetchPage,
    async fetchByKeys(path, name, keys) {
      const singular = singularNames[name];
      if (singular === undefined) return fetchFiltered(path, { [name]: keys });
      const answers = await Promise.all(keys.map((key) => fetchFiltered(path, { [singular]: key })));
      return { data: answers.flatMap(({ data }) => data) };
    },
    /** Fetches the first rows of a list, and its length. */
    async fetchFirst(path, count) {
      const first = await fetchPage(path, 1);
      const { totalCount } = first.metadata;
      const pages = Math.ceil(Math.min(count, totalCount) / pageSize);
      const rest = await Promise.all(
        Array.from({ length: Math.max(0, pages - 1) }, (_, index) => fetchPage(path, index + 2)),
      );
      return { totalCount, rows: [first, ...rest].flatMap(({ data }) => data).slice(0, count) };
    },
  };
}

export const rest = createRest(post);
