/**
 * A gateway over the same API written the usual way, for comparison: one DataLoader for each kind of key and one for
 * pages, created for each request; no planner, no cache. It is given the upstream's dialect, unlike a real one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import DataLoader from 'dataloader';
import { graphql, type GraphQLSchema } from 'graphql';
import type { SimulatorDialect } from '../src/simulator/simulator.ts';
import type { Transport } from '../src/transport/transport.ts';
import { createScope } from '../src/scope.ts';

interface Row {
  readonly id?: string | null;
  readonly email?: string | null;
  readonly mail?: string | null;
  readonly userPrincipalName?: string | null;
  readonly tenants?: readonly Row[];
  readonly [field: string]: unknown;
}

interface Page {
  readonly data: Row[];
  readonly metadata: { readonly totalCount: number };
}

interface Window {
  readonly first?: number | null;
  readonly after?: string | null;
}

interface List {
  readonly path: string;
}

interface TenantSource {
  readonly customerId: string;
  readonly tenantId: string;
}

interface UserSource {
  readonly tenant: TenantSource;
  readonly row: Row;
}

const pageSize = 100;
const customersList: List = { path: '/partner/external/v3/general/customers/batch' };
const usersOf = ({ customerId, tenantId }: TenantSource): List => ({
  path: `/partner/external/v3/um/customers/${customerId}/tenants/${tenantId}/users/batch`,
});
const protectionOf = ({ customerId, tenantId }: TenantSource): List => ({
  path: `/partner/external/v3/general/customers/${customerId}/tenants/${tenantId}/cloud-backup-m365/users/batch`,
});

class Source {
  readonly #send: Transport;
  readonly #dialect: SimulatorDialect;
  readonly #pages = new DataLoader<{ list: List; index: number }, Page, string>(
    (keys) => Promise.all(keys.map(({ list, index }) => this.#post(list, index, {}))),
    { cacheKeyFn: ({ list, index }) => `${list.path} ${index}` },
  );
  readonly #rows = new Map<string, DataLoader<string, Row | null>>();

  constructor(send: Transport, dialect: SimulatorDialect) {
    this.#send = send;
    this.#dialect = dialect;
  }

  async window(
    list: List,
    { first, after }: Window,
  ): Promise<{ totalCount: number; nodes: Row[]; from: number }> {
    const from = after ? Number(after) + 1 : 0;
    const to = from + (first ?? 50);
    const firstPage = Math.floor(from / pageSize);
    const page = await this.#pages.load({ list, index: firstPage + 1 });
    const { totalCount } = page.metadata;
    const last = Math.ceil(Math.min(to, totalCount) / pageSize);
    const rest = await Promise.all(
      Array.from({ length: Math.max(0, last - firstPage - 1) }, (_, index) =>
        this.#pages.load({ list, index: firstPage + 2 + index }),
      ),
    );
    const rows = [page, ...rest].flatMap(({ data }) => data);
    const start = from - firstPage * pageSize;
    return { totalCount, nodes: rows.slice(start, start + to - from), from };
  }

  row(list: List, filter: { plural: string; singular: string | null }, by: 'id' | 'email', key: string) {
    let loader = this.#rows.get(list.path);
    if (loader === undefined) {
      loader = new DataLoader<string, Row | null>((keys) => this.#find(list, filter, by, keys), {
        maxBatchSize: pageSize,
      });
      this.#rows.set(list.path, loader);
    }
    return loader.load(key);
  }

  async #find(
    list: List,
    { plural, singular }: { plural: string; singular: string | null },
    by: 'id' | 'email',
    keys: readonly string[],
  ): Promise<(Row | null)[]> {
    const pages =
      this.#dialect === 'plural' || singular === null
        ? [await this.#post(list, 1, { [plural]: keys })]
        : await Promise.all(keys.map((key) => this.#post(list, 1, { [singular]: key })));
    const rows = new Map(pages.flatMap(({ data }) => data).map((row) => [row[by]?.toLowerCase(), row]));
    return keys.map((key) => rows.get(key.toLowerCase()) ?? null);
  }

  async #post({ path }: List, pageIndex: number, body: object): Promise<Page> {
    const response = await this.#send(
      {
        endpoint: path,
        method: 'POST',
        path: `${path}?pageIndex=${pageIndex}&pageSize=${pageSize}`,
        headers: { 'content-type': 'application/json' },
        body: () => JSON.stringify(body),
      },
      createScope().scope,
    );
    return JSON.parse(response.body) as Page;
  }
}

const customerFilter = { plural: 'customerIds', singular: 'customerId' };
const userFilter = { plural: 'userIds', singular: null };
const protectionFilter = { plural: 'userEmails', singular: 'email' };

function connection<Node>({ totalCount, nodes, from }: { totalCount: number; nodes: Node[]; from: number }) {
  return {
    totalCount,
    nodes,
    edges: nodes.map((node, index) => ({ cursor: String(from + index), node })),
    pageInfo: {
      hasNextPage: from + nodes.length < totalCount,
      hasPreviousPage: from > 0,
      startCursor: String(from),
      endCursor: String(from + nodes.length - 1),
    },
  };
}

function createSchema(): GraphQLSchema {
  const folder = new URL('../../schema/', import.meta.url);
  const typeDefs = readdirSync(folder)
    .filter((file) => file.endsWith('.graphql'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'));
  const customerOf = (row: Row) => ({ ...row, customerId: row.id });
  const userOf = (tenant: TenantSource, row: Row) => ({ ...row, userId: row.id, tenant, row });
  return makeExecutableSchema({
    typeDefs,
    resolverValidationOptions: { requireResolversForResolveType: 'ignore' },
    resolvers: {
      Query: {
        customers: async (
          _root,
          { customerIds, ...window }: Window & { customerIds?: string[] },
          source: Source,
        ) => {
          if (!customerIds) {
            const page = await source.window(customersList, window);
            return connection({ ...page, nodes: page.nodes.map(customerOf) });
          }
          const rows = await Promise.all(
            customerIds.map((id) => source.row(customersList, customerFilter, 'id', id)),
          );
          const nodes = rows.filter((row) => row !== null).map(customerOf);
          return connection({ totalCount: nodes.length, nodes: nodes.slice(0, window.first ?? 50), from: 0 });
        },
        tenant: (_root, tenant: TenantSource) => tenant,
        user: async (_root, { userId, ...tenant }: TenantSource & { userId: string }, source: Source) => {
          const row = await source.row(usersOf(tenant), userFilter, 'id', userId);
          return row === null ? null : userOf(tenant, row);
        },
      },
      Customer: {
        tenants: ({ customerId, tenants }: Row & { customerId: string }) =>
          (tenants ?? []).map((tenant) => ({ ...tenant, customerId, tenantId: tenant.id })),
      },
      Tenant: {
        users: async (tenant: TenantSource, window: Window, source: Source) => {
          const page = await source.window(usersOf(tenant), window);
          return connection({ ...page, nodes: page.nodes.map((row) => userOf(tenant, row)) });
        },
      },
      User: {
        status: ({ row }: UserSource) => row['statusCodes'] ?? [],
        statusCodes: ({ row }: UserSource) => row['status'] ?? [],
        protection: async ({ tenant, row }: UserSource, _arguments: object, source: Source) => {
          for (const address of new Set([row.mail, row.userPrincipalName])) {
            const found = address
              ? await source.row(protectionOf(tenant), protectionFilter, 'email', address)
              : null;
            if (found !== null) return found;
          }
          return null;
        },
      },
      ProtectionStatus: {
        isProtected: ({ moduleStatus }: { moduleStatus: { isProtected: boolean }[] }) =>
          moduleStatus.every(({ isProtected }) => isProtected),
        modules: () => [],
      },
    },
  });
}

/** Answers one operation; throws its errors. */
export function createUsualGateway(
  send: Transport,
  dialect: SimulatorDialect,
): (document: string, variables: Record<string, unknown>) => Promise<unknown> {
  const schema = createSchema();
  return async (document, variables) => {
    const { data, errors } = await graphql({
      schema,
      source: document,
      variableValues: variables,
      contextValue: new Source(send, dialect),
    });
    if (errors?.[0]) throw errors[0];
    return data;
  };
}
