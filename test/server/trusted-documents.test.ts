/** Documents that are known beforehand: sent by their ids, and nothing else for who is held to them. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import { createGraphSchema } from '../../src/graph/graph-schema.ts';
import { ManifestError } from '../../src/server/pipeline/manifest.ts';
import { documentFault } from '../../src/server/pipeline/prepare-operation.ts';
import { TrustedDocuments } from '../../src/server/pipeline/trusted-documents.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { customerRow } from '../world-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'trusted-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
let gateway: GatewayUnderTest;

const world = { customers: [customerRow({ id: 'a' })], directory: [], tenants: {} };
const start = useGateways({ world });
const trusted = 'query Customers { customers { totalCount } }';
const other = '{ customers { nodes { customerId } } }';
const hash = createHash('sha256').update(trusted).digest('hex');

function file(content: unknown, name = 'manifest.json'): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const asApollo = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [{ id: hash, name: 'Customers', type: 'query', body: trusted }],
};

async function ask(body: object, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

const persisted = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });
const answered = { status: 200, text: '{"data":{"customers":{"totalCount":1}}}' };
const refused = { status: 403, text: expect.stringContaining('DOCUMENT_NOT_TRUSTED') as unknown };

describe.each([
  ['of Apollo', asApollo],
  ['of ids', { [hash]: trusted }],
  ['of prefixed ids', { [`sha256:${hash}`]: trusted }],
])('with a manifest %s', (_name, manifest) => {
  test('a document is sent by its id, by whichever name the client has for it', async () => {
    gateway = await start({
      endpoint: { trustedDocumentsFile: file(manifest), requiresTrustedDocuments: true },
    });
    for (const body of [
      persisted(hash),
      { documentId: hash },
      { id: hash },
      { doc_id: hash },
      { query: trusted },
      // As the client of a tool that prefixes ids has them.
      { documentId: `sha256:${hash}` },
      persisted(`sha256:${hash}`),
      { query: trusted, ...persisted(`sha256:${hash}`) },
    ]) {
      expect({ ...(await ask(body)) }).toMatchObject({
        status: 200,
        text: expect.stringContaining('"totalCount":1') as unknown,
      });
    }
    const parameters = new URLSearchParams({ extensions: JSON.stringify(persisted(hash).extensions) });
    const got = await fetch(`${gateway.url}/graphql?${parameters.toString()}`, {
      headers: { 'apollo-require-preflight': 'yes' },
    });
    expect(await got.json()).toEqual({ data: { customers: { totalCount: 1 } } });
  });

  test('a caller restricted to trusted documents gets nothing else', async () => {
    gateway = await start({
      endpoint: { trustedDocumentsFile: file(manifest), requiresTrustedDocuments: true },
    });
    const otherHash = createHash('sha256').update(other).digest('hex');
    for (const body of [
      { query: other },
      { query: `${trusted} ` },
      persisted(otherHash),
      { query: other, ...persisted(otherHash) },
      { query: other, ...persisted(hash) },
      { query: other, documentId: hash },
      { documentId: '__proto__' },
      { query: '{ __schema { types { name } } }' },
    ]) {
      expect(await ask(body)).toMatchObject(refused);
    }
    const events = await ask({ query: other }, { accept: 'text/event-stream' });
    expect(events).toMatchObject(refused);
    expect(gateway.calls).toEqual([]);
  });
});

test('one key can be restricted to trusted documents without restricting others', async () => {
  const keys = [
    { name: 'page', sha256: hashKey('page'), customers: 'all', trustedDocumentsOnly: true },
    { name: 'service', sha256: hashKey('service'), customers: 'all' },
  ];
  gateway = await start({
    endpoint: { trustedDocumentsFile: file(asApollo) },
    callers: { kind: 'known', keysFile: file({ keys }, 'keys.json'), tokens: null },
  });
  // What the one has asked is kept, and is no way round for the other.
  expect(await ask({ query: other }, { 'x-api-key': 'service' })).toMatchObject({ status: 200 });
  expect(await ask({ query: other }, { 'x-api-key': 'service' })).toMatchObject({ status: 200 });
  expect(await ask({ query: other }, { 'x-api-key': 'page' })).toMatchObject(refused);
  expect(await ask(persisted(hash), { 'x-api-key': 'page' })).toMatchObject({ status: 200 });
});

test('without a manifest, a document is registered by any caller that sends it with its hash', async () => {
  gateway = await start();
  expect((await ask(persisted(hash))).text).toContain('PERSISTED_QUERY_NOT_FOUND');
  expect((await ask({ query: trusted, ...persisted(hash) })).status).toBe(200);
  expect(await ask(persisted(hash))).toMatchObject(answered);
});

test('a document that was registered by its hash in capitals is found by it', async () => {
  gateway = await start();
  const capitals = hash.toUpperCase();
  expect((await ask({ query: trusted, ...persisted(capitals) })).status).toBe(200);
  expect(await ask(persisted(capitals))).toMatchObject(answered);
  expect(await ask(persisted(hash))).toMatchObject(answered);
});

test("a manifest with documents that can't be executed is refused, with the first five", () => {
  const documents = {
    'sha256:a': '{ nothing }',
    b: '{ customers',
    c: 'mutation { a }',
    d: '{ __schema { description } }',
    good: trusted,
    ...Object.fromEntries(['e', 'f', 'g'].map((id) => [id, `{ ${id} }`])),
  };
  const path = file(documents, 'unusable.json');
  const options = { hasIntrospection: false };
  const schema = createGraphSchema(options);
  expect(() => new TrustedDocuments(path, (text) => documentFault(schema, text, options))).toThrow(
    new ManifestError(
      [
        `TRUSTED_DOCUMENTS_FILE: the file ${JSON.stringify(path)} has documents that can't be executed:`,
        '"a": Cannot query field "nothing" on type "…".',
        '"b": Syntax Error: Expected Name, found <EOF>.',
        '"c": Mutations are not supported.',
        '"d": Introspection is off: __schema is not available.',
        '"e": Cannot query field "e" on type "…".',
        'and 2 more',
      ].join('\n      '),
    ),
  );
});

test.each([
  ['[]', 'is not usable: expected an object.'],
  ['{"a": 1}', 'is not usable: "a": expected the text of a document.'],
  [`{"${'a'.repeat(200)}": 1}`, `is not usable: "${'a'.repeat(100)}": expected the text of a document.`],
  ['{"operations": [{}]}', 'is not usable: operations[0]: expected "id" and "body", the text of a document.'],
  [
    '{"operations": [{"id": "a", "body": "{ a }"}, null]}',
    'is not usable: operations[1]: expected "id" and "body", the text of a document.',
  ],
  [
    '{"operations": [{"id": "", "body": "{ a }"}]}',
    'is not usable: operations[0]: expected "id" and "body", the text of a document.',
  ],
  [
    '{"operations": [{"id": "a", "body": "{ a }"}, {"id": "a", "body": "{ b }"}]}',
    'is not usable: "a": two documents have this id.',
  ],
  ['{"a": "{ a }", "sha256:a": "{ b }"}', 'is not usable: "sha256:a": two documents have this id.'],
  ['nothing', 'is not JSON.'],
  ['', 'is empty.'],
])('a manifest that says %s is refused by its setting and field', (text, fault) => {
  const path = join(folder, 'faulty.json');
  writeFileSync(path, text);
  expect(() => new TrustedDocuments(path, () => null)).toThrow(
    new ManifestError(`TRUSTED_DOCUMENTS_FILE: the file ${JSON.stringify(path)} ${fault}`),
  );
});
