/**
 * One parser for all forms: a request has the same judgement by POST and by GET, for JSON and for events, for every kind of
 * caller. REQUEST_SEED plays other requests than the usual ones, and REQUEST_COUNT so many of them.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { useGateway } from '../use-gateway.ts';
import { sha256 } from '../http-exchange.ts';
import { createRandom, createRandomOperations, faultsOf } from '../random-operations.ts';
import { judge, requestForms, type Judgement, type OperationRequest } from '../request-forms.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { generatedRequest, trustedDocument, writtenRequests } from './generated-requests.ts';
import { stormSize } from '../storms.ts';

const seed = Number(process.env['REQUEST_SEED'] ?? 1);
const count = Number(process.env['REQUEST_COUNT'] ?? stormSize(250, 80));

const folder = mkdtempSync(join(tmpdir(), 'request-forms-'));
const manifestFile = join(folder, 'manifest.json');
writeFileSync(manifestFile, JSON.stringify({ [sha256(trustedDocument)]: trustedDocument }));
const keysFile = join(folder, 'keys.json');
const keys = [
  { name: 'service', sha256: sha256('service-key'), customers: 'all' },
  { name: 'page', sha256: sha256('page-key'), customers: 'all', trustedDocumentsOnly: true },
  { name: 'small', sha256: sha256('small-key'), customers: [] },
];
writeFileSync(keysFile, JSON.stringify({ keys }));

const world = createGeneratedWorld({ seed: 1, customers: 4, tenantsPerCustomer: 1, usersPerTenant: 6 });

const open = useGateway({ world });
const known = useGateway({
  world,
  endpoint: { trustedDocumentsFile: manifestFile },
  callers: { kind: 'known', keysFile, tokens: null },
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const callers = [
  { name: 'a caller of an open gateway', gateway: () => open, headers: {} },
  { name: 'a caller with a key', gateway: () => known, headers: { 'x-api-key': 'service-key' } },
  { name: 'a caller by Bearer', gateway: () => known, headers: { authorization: 'Bearer service-key' } },
  { name: 'a caller of no customers', gateway: () => known, headers: { 'x-api-key': 'small-key' } },
  { name: 'a caller held to trusted documents', gateway: () => known, headers: { 'x-api-key': 'page-key' } },
  { name: 'a caller without a credential', gateway: () => known, headers: {} },
] as const;

/** Codes of the results that GraphQL gives before execution: 200 for JSON, an event on a stream. */
const resultCodes = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);

/** Every way in which the forms' judgements of one request differ, or can't be right. */
function disagreements(judgements: ReadonlyMap<string, Judgement>): string[] {
  const problems: string[] = [];
  const isEvents = (name: string) => requestForms.some((form) => form.name === name && form.isEventStream);
  const essenceOf = ({ codes, data }: Judgement) => JSON.stringify({ codes, data });
  const entries = [...judgements];
  const unacceptable = entries.filter(([, { status }]) => status === 406);
  if (unacceptable.length > 0) {
    // A subscription for JSON; its events are for the other forms.
    for (const [name, { status, text }] of entries) {
      if (isEvents(name) === (status === 406)) problems.push(`${name} has status ${status}`);
      if (status === 406 && !text.includes('text/event-stream'))
        problems.push(`${name} names no event stream`);
    }
  }
  for (const group of unacceptable.length > 0
    ? [entries.filter(([name]) => isEvents(name)), unacceptable]
    : [entries]) {
    if (new Set(group.map(([, judgement]) => essenceOf(judgement))).size > 1) {
      problems.push(group.map(([name, it]) => `${name}: ${it.status} ${essenceOf(it)}`).join('; '));
    }
  }
  for (const [name, { status, codes, isEventStream }] of entries) {
    if (status >= 500 || codes.includes('INTERNAL_SERVER_ERROR'))
      problems.push(`${name} fails: ${codes.join()}`);
    if (codes.includes('an error without a code')) problems.push(`${name} has an error without a code`);
    if (codes.length > 0 && codes.every((code) => resultCodes.has(code)) && status !== 406) {
      if (status !== 200) problems.push(`${name} answers ${codes.join()} with status ${status}`);
      if (isEventStream !== isEvents(name))
        problems.push(`${name} answers ${codes.join()} in the other form`);
    }
  }
  return problems;
}

describe.each(callers)('$name', ({ gateway, headers, name: caller }) => {
  async function expectAgreement(requests: readonly OperationRequest[]): Promise<void> {
    const problems: object[] = [];
    for (const [index, request] of requests.entries()) {
      const { reported } = gateway();
      reported.length = 0;
      const found = await judge(gateway().url, request, headers).then(disagreements, (error: unknown) => [
        String(error),
      ]);
      if (reported.length > 0) found.push(`reported as the gateway’s fault: ${String(reported[0])}`);
      if (found.length > 0) {
        const shown = JSON.stringify(request).slice(0, 500);
        problems.push({ seed, index, caller, request: shown, problems: found.map((it) => it.slice(0, 600)) });
      }
    }
    expect({ count: problems.length, first: problems.slice(0, 5) }).toEqual({ count: 0, first: [] });
  }

  test('has one judgement of each written request', async () => {
    await expectAgreement(writtenRequests);
  });

  test('has one judgement of each generated request', async () => {
    await expectAgreement(fc.sample(generatedRequest, { seed, numRuns: count }));
  });
});

test('each form answers random operations with what the world has', async () => {
  const next = createRandomOperations(world, createRandom(seed));
  for (let index = 0; index < stormSize(40, 15); index++) {
    const { query, expected } = next();
    for (const { gateway, headers } of callers.slice(0, 2)) {
      for (const [form, { data, codes }] of await judge(gateway().url, { query }, headers)) {
        const faults = faultsOf({ data }, expected);
        expect({ seed, form, query, codes, faults }).toEqual({ seed, form, query, codes: [], faults: [] });
      }
    }
  }
});

test('a large window is answered in each form', async () => {
  const { count: totalCount } = world.customers;
  for (const [form, { data, codes }] of await judge(open.url, {
    query: '{ customers(first: 600) { totalCount } }',
  })) {
    expect({ form, codes, data }).toEqual({ form, codes: [], data: { customers: { totalCount } } });
  }
});

test('a mutation is refused with 400 in each form', async () => {
  for (const query of ['mutation { __typename }', 'mutation M { deleteCustomer(customerId: "a") { ok } }']) {
    for (const [form, { status, codes }] of await judge(open.url, { query })) {
      expect({ form, query, status, isCoded: codes.length }).toEqual({
        form,
        query,
        status: 400,
        isCoded: 1,
      });
    }
  }
});

test('a caller without a credential learns nothing of a request but that', async () => {
  known.calls.length = 0;
  for (const request of [
    ...writtenRequests,
    ...fc.sample(generatedRequest, { seed, numRuns: stormSize(30, 10) }),
  ]) {
    for (const [form, { status, codes }] of await judge(known.url, request)) {
      expect({ form, request, status, codes }).toEqual({
        form,
        request,
        status: 401,
        codes: ['UNAUTHENTICATED'],
      });
    }
  }
  expect(known.calls).toEqual([]);
});

test('a caller held to trusted documents gets these, and no others, in each form', async () => {
  const headers = { 'x-api-key': 'page-key' };
  const id = sha256(trustedDocument);
  const persisted = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });
  const trusted: OperationRequest[] = [
    { query: trustedDocument },
    { documentId: id },
    { id },
    { doc_id: id },
    persisted(id),
  ];
  const { count: totalCount } = world.customers;
  for (const request of trusted) {
    for (const [form, { data }] of await judge(known.url, request, headers)) {
      expect({ form, request, data }).toEqual({ form, request, data: { customers: { totalCount } } });
    }
  }
  const other = '{ customers { nodes { organization } } }';
  known.calls.length = 0;
  for (const request of [
    { query: other },
    { query: other, documentId: id },
    { query: other, id },
    { query: other, doc_id: id },
    { query: other, ...persisted(id) },
    { query: other, ...persisted(sha256(other)) },
    { query: `${trustedDocument} ` },
    { query: trustedDocument, documentId: sha256(other) },
    { documentId: sha256(other) },
    persisted(sha256(other)),
  ]) {
    for (const [form, { data, codes }] of await judge(known.url, request, headers)) {
      expect({ form, request, data, codes }).toEqual({
        form,
        request,
        data: null,
        codes: ['DOCUMENT_NOT_TRUSTED'],
      });
    }
  }
  expect(known.calls).toEqual([]);
});
