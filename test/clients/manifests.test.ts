/** Manifests as the tools of front ends write them, and requests with an id alone as their clients send them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runCommand } from '../command/run-command.ts';
import { root } from '../ended-process.ts';
import { useGateways } from '../use-gateway.ts';
import { customerRow } from '../world-of.ts';
import { runTool } from './client-pages.ts';

const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const world = {
  customers: [customerRow({ id: 'a', organization: 'A' }), customerRow({ id: 'b', organization: 'B' })],
  directory: [],
  tenants: {},
};
const fragment = 'fragment Row on Customer { organization }';
// With the id that Relay's compiler would add.
const operation =
  'query Customers($first: Int) { customers(first: $first) { totalCount nodes { id ...Row } } }';
const text = `${operation} ${fragment}`;
const variables = { first: 1 };
const idOfA = Buffer.from('["Customer","a"]').toString('base64url');
const answer = { customers: { totalCount: 2, nodes: [{ id: idOfA, organization: 'A' }] } };

/** Runs a tool in a folder of its own, in which it finds its configuration and a source file. */
function runAlone(
  tool: string,
  script: string,
  files: Readonly<Record<string, string>>,
  args?: readonly string[],
) {
  const place = join(folder, tool);
  mkdirSync(join(place, 'src', '__generated__'), { recursive: true });
  for (const [name, content] of Object.entries({ 'package.json': '{}', ...files })) {
    writeFileSync(join(place, name), content);
  }
  runTool(place, script, args);
  return (name: string) => join(place, name);
}

const startGateway = useGateways({ world });

async function start(manifest: string): Promise<string> {
  const { url } = await startGateway({
    endpoint: { trustedDocumentsFile: manifest, requiresTrustedDocuments: true },
  });
  return `${url}/graphql`;
}

async function post(url: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.json();
}

async function get(url: string, parameters: Readonly<Record<string, string | object>>): Promise<unknown> {
  const texts = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    texts.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  const response = await fetch(`${url}?${texts.toString()}`);
  return response.json();
}

const persisted = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } });

async function expectToPass(manifest: string): Promise<void> {
  const { code, output, complaints } = await runCommand({}, ['--check-documents', manifest]);
  expect([code, complaints]).toEqual([0, '']);
  expect(output).toMatch(/^1 document of 1 can be executed\.\nThe most expensive one is "\w+" \(\w+\): /);
}

/** Sends the id alone in each form, by POST and GET. */
async function expectAnswers(url: string, forms: readonly Readonly<Record<string, string | object>>[]) {
  for (const form of forms) {
    expect(await post(url, { ...form, variables })).toEqual({ data: answer });
    expect(await get(url, { ...form, variables })).toEqual({ data: answer });
  }
  const refused = { errors: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }] };
  expect(await post(url, { query: '{ customers { totalCount } }' })).toMatchObject(refused);
  expect(await get(url, { documentId: 'sha256:0' })).toMatchObject(refused);
}

describe("graphql-codegen's client preset", () => {
  let manifest = '';
  let hash = '';
  beforeAll(() => {
    const preset = join(root, 'node_modules/@graphql-codegen/client-preset');
    const config = {
      schema: join(root, 'schema.graphql'),
      documents: ['src/*.ts'],
      generates: { 'src/__generated__/': { preset, presetConfig: { persistedDocuments: true } } },
    };
    const at = runAlone(
      'codegen',
      '@graphql-codegen/cli/esm/bin.js',
      {
        'codegen.json': JSON.stringify(config),
        'src/customers.ts': `const query = graphql(\`${operation}\`);\nconst row = graphql(\`${fragment}\`);\n`,
      },
      ['--config', 'codegen.json'],
    );
    manifest = at('src/__generated__/persisted-documents.json');
    // What a client has of a document: __meta__.hash.
    const code = readFileSync(at('src/__generated__/graphql.ts'), 'utf8');
    hash = /CustomersDocument = \{"__meta__":\{"hash":"([^"]+)"/.exec(code)?.[1] ?? '';
  });

  test('its persisted-documents.json is accepted, and its hashes as they are', async () => {
    expect(Object.keys(JSON.parse(readFileSync(manifest, 'utf8')) as object)).toEqual([hash]);
    await expectToPass(manifest);
    await expectAnswers(await start(manifest), [{ documentId: hash }, { extensions: persisted(hash) }]);
  });
});

interface ApolloManifest {
  readonly format: 'apollo-persisted-query-manifest';
  readonly version: 1;
  readonly operations: { id: string; name: string; type: 'query'; body: string }[];
}

describe("Apollo's generate-persisted-query-manifest", () => {
  let manifest = '';
  beforeAll(() => {
    const at = runAlone('apollo', '@apollo/generate-persisted-query-manifest/cli.js', {
      'persisted-query-manifest.config.json': JSON.stringify({
        documents: ['src/*.ts'],
        output: 'manifest.json',
      }),
      'src/customers.ts': `import { gql } from '@apollo/client';\nexport const customers = gql\`${text}\`;\n`,
    });
    manifest = at('manifest.json');
  });

  test.each([false, true])('is accepted, and Apollo Client sends its ids (by GET: %s)', async (isByGet) => {
    await expectToPass(manifest);
    const content = JSON.parse(readFileSync(manifest, 'utf8')) as ApolloManifest;
    expect(content).toMatchObject({ format: 'apollo-persisted-query-manifest', version: 1 });
    const requests: [string, unknown][] = [];
    const http = new HttpLink({
      uri: await start(manifest),
      fetch: async (...args) => {
        const request = new Request(...args);
        requests.push([request.method, `${request.url} ${await request.clone().text()}`]);
        return fetch(request);
      },
    });
    // It requires Apollo Client, which must have been imported before: Node 24 refuses to require a module that is not.
    const { generatePersistedQueryIdsFromManifest } = await import('@apollo/persisted-query-lists');
    const ids = generatePersistedQueryIdsFromManifest({ loadManifest: () => Promise.resolve(content) });
    const link = ApolloLink.from([new PersistedQueryLink({ ...ids, useGETForHashedQueries: isByGet }), http]);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const { data } = await client.query({ query: gql(text), variables });
    expect(data).toMatchObject(answer);
    expect(requests).toEqual([
      [isByGet ? 'GET' : 'POST', expect.stringContaining(content.operations[0]?.id ?? 'none')],
    ]);
    expect(requests[0]?.[1]).not.toContain('totalCount');
    client.stop();
  });
});

describe("Relay's compiler", () => {
  let manifest = '';
  let id = '';
  beforeAll(() => {
    const name = 'customersQuery';
    const query = operation.replace('Customers', name).replace('...Row', '...customers_row');
    const row = fragment.replace('Row', 'customers_row');
    const at = runAlone('relay', 'relay-compiler/cli.js', {
      'relay.config.json': JSON.stringify({
        src: './src',
        schema: './schema.graphql',
        language: 'typescript',
        persistConfig: { file: './persisted_queries.json', algorithm: 'MD5' },
      }),
      'schema.graphql': readFileSync(join(root, 'schema.graphql'), 'utf8'),
      // It wants it to be there.
      'persisted_queries.json': '{}',
      'src/customers.ts': `graphql\`${query}\`;\ngraphql\`${row}\`;\n`,
    });
    manifest = at('persisted_queries.json');
    const code = readFileSync(at(`src/__generated__/${name}.graphql.ts`), 'utf8');
    id = /"params": \{\s*"id": "(\w{32})"/.exec(code)?.[1] ?? '';
  });

  test('its file of persisted queries is accepted, and its ids as network layers send them', async () => {
    expect(Object.keys(JSON.parse(readFileSync(manifest, 'utf8')) as object)).toEqual([id]);
    await expectToPass(manifest);
    const url = await start(manifest);
    await expectAnswers(url, [{ doc_id: id }, { id }, { doc_id: id, query: '' }, { documentId: id }]);
    // As fetchGraphQL(params.text, variables) with an id beside.
    expect(await post(url, { doc_id: id, query: null, variables })).toEqual({
      data: answer,
    });
  });
});
