/** Every code of docs/errors.md, provoked over HTTP and read with Apollo Client's HttpLink. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  gql,
  HttpLink,
  InMemoryCache,
  ServerError,
} from '@apollo/client';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import type { SimulatorOutcome } from '../../src/simulator/exchange.ts';
import { startProvider } from '../callers/provider.ts';
import { hasNginx, startNginx } from '../deploy/nginx-under-test.ts';
import { freePort } from '../free-port.ts';
import type { GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { until } from '../until.ts';
import { customerRow, userRow } from '../world-of.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const settings = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
/** The codes of the table, with whether a request that got one may be repeated. */
const rows = new Map(
  [...page.matchAll(/^\| `([A-Z_]+)`\s+\| (yes|no)\s+\|/gm)].map(([, code = '', retryable]) => [
    code,
    retryable === 'yes',
  ]),
);
/** With the codes of the text around it. */
const documented = [
  ...new Set([
    ...rows.keys(),
    ...[...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)]
      .map(([, name = '']) => name)
      .filter((name) => !settings.includes(`\n| \`${name}\``)),
  ]),
].sort();

const folder = mkdtempSync(join(tmpdir(), 'apollo-codes-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function fileOf(name: string, content: object): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const keysFile = fileOf('keys.json', { keys: [{ name: 'a', sha256: hashKey('a'), customers: 'all' }] });
const trustedDocumentsFile = fileOf('manifest.json', { one: '{ __typename }' });

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const start = useGateways({
  world: {
    customers: [customerRow({ id: 'c', tenants: [{ id: 't', name: 'T' }] })],
    directory: [],
    tenants: { 'c/t': { users: [userRow({ id: 'u' })], protection: [] } },
  },
});

const customers = '{ customers { nodes { organization tenants { users { totalCount } } } } }';

function clientOf(url: string, options: HttpLink.Options = {}, ...before: ApolloLink[]) {
  const http = new HttpLink({ uri: `${url}/graphql`, ...options });
  const client = new ApolloClient({ link: ApolloLink.from([...before, http]), cache: new InMemoryCache() });
  ends.push(() => {
    client.stop();
  });
  return client;
}

/** What Apollo Client rejects with. */
async function errorOf(client: ApolloClient, query = customers): Promise<unknown> {
  try {
    await client.query({ query: gql(query), fetchPolicy: 'no-cache' });
    return null;
  } catch (error) {
    return error;
  }
}

/** The error of a query to a gateway of these options. */
async function errorWith(options: Partial<GatewayUnderTestOptions>, query?: string): Promise<unknown> {
  return errorOf(clientOf((await start(options)).url), query);
}

/** The error if the upstream answers all calls but those for tokens so. */
const errorOver = (outcome: SimulatorOutcome) =>
  errorWith({ intercept: ({ path }) => (path === '/connect/token' ? undefined : outcome) });

/** The error if the client sends this text in place of its document. */
async function errorOfText(text: string, options: HttpLink.Options = {}): Promise<unknown> {
  const { url } = await start();
  return errorOf(clientOf(url, { ...options, print: () => text }));
}

/** Passes on the first bytes of each connection alone, and all that comes back. */
async function startSlowNetwork(target: string, bytes: number): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((incoming) => {
    const { hostname, port } = new URL(target);
    const outgoing = connect(Number(port), hostname);
    sockets.push(incoming, outgoing);
    for (const socket of [incoming, outgoing]) socket.on('error', () => socket.destroy());
    let left = bytes;
    incoming.on('data', (data: Buffer) => {
      outgoing.write(data.subarray(0, left));
      left = Math.max(0, left - data.length);
    });
    outgoing.pipe(incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function errorOverBalancer(instance: number): Promise<unknown> {
  const nginx = await startNginx([instance]);
  ends.push(nginx.stop);
  return errorOf(clientOf(`http://127.0.0.1:${nginx.port}`));
}

/** An instance that dies when a request has reached it. */
async function startDyingInstance(): Promise<number> {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const persistedQuery = new ApolloLink((operation, forward) => {
  operation.extensions = { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } };
  operation.setContext({ http: { includeQuery: false, includeExtensions: true } });
  return forward(operation);
});

const ofBalancer = ['GATEWAY_UNAVAILABLE', 'INTERNAL_SERVER_ERROR'];

/** How each code is provoked; resolves to what Apollo Client rejects with. */
const provocations: Readonly<Record<string, () => Promise<unknown>>> = {
  GRAPHQL_PARSE_FAILED: () => errorOfText('{'),
  GRAPHQL_VALIDATION_FAILED: () => errorWith({}, '{ nothing }'),
  OPERATION_RESOLUTION_FAILURE: () => errorOfText('query A { __typename } query B { __typename }'),
  PERSISTED_QUERY_NOT_FOUND: async () => errorOf(clientOf((await start()).url, {}, persistedQuery)),
  BAD_REQUEST: () => errorOfText('{ __typename }', { headers: { 'content-type': 'text/plain' } }),
  NOT_FOUND: async () => errorOf(clientOf(`${(await start()).url}/elsewhere`)),
  REQUEST_TIMEOUT: async () => {
    const { url } = await start({ bodyTimeoutMs: 200 });
    const asked = gql`
      query Long($long: String) {
        customers(filter: { search: $long }) {
          totalCount
        }
      }
    `;
    return clientOf(await startSlowNetwork(url, 2000))
      .query({ query: asked, variables: { long: 'x'.repeat(5000) } })
      .catch((error: unknown) => error);
  },
  BAD_USER_INPUT: () => errorWith({}, '{ customers(first: 5000) { totalCount } }'),
  UNAUTHENTICATED: () => errorWith({ callers: { kind: 'known', keysFile, tokens: null } }),
  IDENTITY_UNAVAILABLE: async () => {
    const provider = await startProvider();
    ends.push(provider.stop);
    provider.answerWith((response) => response.writeHead(503).end());
    const { url } = await start({ callers: { kind: 'known', keysFile: null, tokens: provider.options } });
    return errorOf(clientOf(url, { headers: { authorization: `Bearer ${await provider.sign()}` } }));
  },
  LIMIT_EXCEEDED: () => errorWith({ maxCost: { rows: 1 } }),
  RATE_LIMITED: async () => {
    const client = clientOf((await start({ callers: { kind: 'open', requestsPerMinute: 1 } })).url);
    await errorOf(client);
    return errorOf(client);
  },
  DOCUMENT_NOT_TRUSTED: () =>
    errorWith({ endpoint: { trustedDocumentsFile, requiresTrustedDocuments: true } }),
  UPSTREAM_UNAVAILABLE: () => errorOver({ status: 503, body: '' }),
  UPSTREAM_TIMEOUT: () => errorWith({ upstreamTimeoutMs: 100, intercept: () => 'hang' }),
  UPSTREAM_RATE_LIMITED: () => errorOver({ status: 429, headers: { 'retry-after': '1' }, body: '' }),
  UPSTREAM_UNAUTHENTICATED: () => errorOver({ status: 401, body: '' }),
  UPSTREAM_FORBIDDEN: () => errorOver({ status: 403, body: '' }),
  UPSTREAM_NOT_FOUND: () =>
    errorWith({ intercept: ({ path }) => (path.includes('/um/') ? { status: 404, body: '' } : undefined) }),
  UPSTREAM_REFUSED: () => errorOver({ status: 418, body: '' }),
  UPSTREAM_INVALID_RESPONSE: () => errorOver({ status: 200, body: '{"data":3}' }),
  UPSTREAM_BUDGET_EXCEEDED: () => errorWith({ maxUpstreamCalls: 1 }),
  DEADLINE_EXCEEDED: () =>
    errorWith({
      operationTimeoutMs: 200,
      intercept: ({ path }) => (path.includes('/um/') ? 'hang' : undefined),
    }),
  OVERLOADED: () => errorWith({ maxRequestsInFlight: 0 }),
  SHUTTING_DOWN: async () => {
    const gateway = await start();
    const client = clientOf(gateway.url);
    const stopped = gateway.stopGateway({ delayMs: 2000, limitMs: 20_000 });
    let error: unknown = null;
    while (error === null) error = await errorOf(client, '{ __typename }');
    await stopped;
    return error;
  },
  GATEWAY_UNAVAILABLE: async () => errorOverBalancer(await freePort()),
  INTERNAL_SERVER_ERROR: async () => errorOverBalancer(await startDyingInstance()),
};

interface Extensions {
  readonly code?: string;
  readonly retryable?: boolean;
}

/** What docs/clients/apollo.md says of an error: GraphQL's own, but for an intermediary's answer. */
function extensionsOf(error: unknown): readonly Extensions[] {
  if (CombinedGraphQLErrors.is(error)) return error.errors.map(({ extensions }) => extensions ?? {});
  if (!ServerError.is(error)) throw new Error('Apollo Client has no answer.', { cause: error });
  const { errors } = JSON.parse(error.bodyText) as { readonly errors: { readonly extensions: Extensions }[] };
  return errors.map(({ extensions }) => extensions);
}

describe('Apollo Client reads the code', () => {
  /** Of errors that no response has, and of tools of assistants. */
  const unread = ['REQUEST_CANCELLED', 'ANSWER_TOO_LONG'];

  test('of each error that is documented', () => {
    expect(rows.size).toBeGreaterThan(20);
    expect([...Object.keys(provocations), ...unread].sort()).toEqual(documented);
  });

  test.each(Object.entries(provocations).filter(([code]) => hasNginx || !ofBalancer.includes(code)))(
    '%s',
    async (code, provoke) => {
      const error = await provoke();
      const extensions = extensionsOf(error);
      expect(extensions.map((each) => each.code)).toContain(code);
      expect(CombinedGraphQLErrors.is(error)).toBe(!ofBalancer.includes(code));
      const { retryable } = extensions.find((each) => each.code === code) ?? {};
      if (rows.has(code)) expect(retryable).toBe(rows.get(code));
    },
  );

  test('of all but REQUEST_CANCELLED, since Apollo Client has closed that request itself', async () => {
    const gateway = await start({
      intercept: ({ path }) => (path === '/connect/token' ? undefined : 'hang'),
    });
    const leaving = new AbortController();
    const request = clientOf(gateway.url).query({
      query: gql(customers),
      context: { fetchOptions: { signal: leaving.signal } },
    });
    await until(() => gateway.calls.length > 0);
    leaving.abort();
    await expect(request).rejects.toMatchObject({ name: 'AbortError' });
    await until(() => gateway.audit.length === 1);
    expect(gateway.audit).toMatchObject([{ outcome: 'client_closed' }]);
  });
});
