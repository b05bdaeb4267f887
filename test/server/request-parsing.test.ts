/** What is no operation request is refused in every form, gets an answer, and is never executed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { useGateway } from '../use-gateway.ts';
import { exchange, sha256 } from '../http-exchange.ts';
import { judge, judgementOf, requestForms } from '../request-forms.ts';
import { customerRow } from '../world-of.ts';
import { effectiveQuery, malformedGets, malformedPosts, oddAccepts } from './malformed-requests.ts';

const folder = mkdtempSync(join(tmpdir(), 'request-parsing-'));
const trusted = 'query Trusted { __typename }';
const trustedFile = join(folder, 'manifest.json');
writeFileSync(trustedFile, JSON.stringify({ [sha256(trusted)]: trusted }));

const gateway = useGateway({
  world: { customers: [customerRow({ id: 'a' })], directory: [], tenants: {} },
  // What is executed calls the upstream each time.
  maxCacheBytes: 0,
  maxAnswerBytes: 0,
  endpoint: { trustedDocumentsFile: trustedFile, hasExplorer: false },
});
afterEach(() => {
  gateway.calls.length = 0;
  gateway.reported.length = 0;
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const json = { 'content-type': 'application/json' };
const preflighted = { 'apollo-require-preflight': 'yes' };
const answer = { status: 200, codes: [], data: { customers: { totalCount: 1 } } };

test('the query of these tests calls the upstream in each form', async () => {
  const judgements = await judge(gateway.url, { query: effectiveQuery });
  expect(judgements.size).toBe(requestForms.length);
  for (const [form, judgement] of judgements)
    expect({ form, ...judgement }).toMatchObject({ form, ...answer });
  expect(gateway.calls.length).toBeGreaterThan(0);
});

describe('refused and never executed', () => {
  const malformed = [...malformedPosts, ...malformedGets(sha256(trusted))];

  test.each(malformed.map(({ name, sent }) => [name, sent] as const))('%s', async (_name, sent) => {
    const { status, text } = await exchange(gateway.url, sent);
    const { calls, reported } = gateway;
    expect({ status, text, calls, reported }).toEqual({
      status: status === 415 ? 415 : 400,
      text: expect.stringMatching(/^{"errors":\[{/) as unknown,
      calls: [],
      reported: [],
    });
  });
});

describe('taken', () => {
  test.each(['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/JSON'])(
    'a body under the content type %s',
    async (type) => {
      const sent = { headers: { 'content-type': type }, body: JSON.stringify({ query: effectiveQuery }) };
      expect(judgementOf(await exchange(gateway.url, sent))).toMatchObject(answer);
    },
  );

  test('an escape of a surrogate in a variable, which JSON has and UTF-8 has not', async () => {
    const body = `{"query":"query ($id: ID!) { customer(customerId: $id) { organization } }","variables":{"id":"\\ud800"}}`;
    const { status, data, codes } = judgementOf(await exchange(gateway.url, { headers: json, body }));
    // It is read, and is no id.
    expect([status, data, codes]).toEqual([200, { customer: null }, ['BAD_USER_INPUT']]);
  });
});

describe('a POST', () => {
  const parameters = [
    `query=${encodeURIComponent('{ nope }')}`,
    `operationName=Nope`,
    `variables=${encodeURIComponent('{"a":1}')}`,
    'variables=x',
    `documentId=${sha256(trusted)}`,
    `extensions=${encodeURIComponent(JSON.stringify({ persistedQuery: { version: 1, sha256Hash: sha256(trusted) } }))}`,
    'query=%FF&query=a',
  ];

  test.each(parameters)('ignores the URL parameter %s', async (parameter) => {
    for (const accept of ['application/json', 'text/event-stream']) {
      const sent = {
        target: `/graphql?${parameter}`,
        headers: { ...json, accept },
        body: JSON.stringify({ query: effectiveQuery }),
      };
      expect({ accept, ...judgementOf(await exchange(gateway.url, sent)) }).toMatchObject(answer);
    }
    expect(gateway.reported).toEqual([]);
  });
});

describe('a reader’s preferences', () => {
  const requests = [
    { name: 'POST', sent: { headers: json, body: JSON.stringify({ query: effectiveQuery }) } },
    {
      name: 'GET',
      sent: {
        method: 'GET',
        target: `/graphql?query=${encodeURIComponent(effectiveQuery)}`,
        headers: preflighted,
      },
    },
    { name: 'GET without a query', sent: { method: 'GET', headers: {} } },
  ];

  /** Answered with 2xx or 4xx, and nothing reported. */
  async function expectAnswers(accept: string): Promise<void> {
    for (const { name, sent } of requests) {
      const { status, text } = await exchange(gateway.url, { ...sent, headers: { ...sent.headers, accept } });
      const isAnswered = (status >= 200 && status < 300) || (status >= 400 && status < 500);
      expect({ name, accept, status, text, isAnswered, reported: gateway.reported }).toMatchObject({
        isAnswered: true,
        reported: [],
      });
    }
  }

  test.each(oddAccepts.map((accept) => [accept.slice(0, 60), accept] as const))(
    'are never the gateway’s fault: %j',
    async (_shown, accept) => {
      await expectAnswers(accept);
    },
  );

  test('are never the gateway’s fault, of whatever parts they are made', async () => {
    const part = fc.constantFrom(
      ...['text/html', 'application/json', 'text/event-stream', 'application/graphql-response+json'],
      ...['*/*', 'text/*', 'a', '/', ',', ';', '=', 'q=0', 'q=1', 'q=9', 'x=text/html', '"', '\\', ' ', '\t'],
    );
    const accepts = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join('').trim());
    await fc.assert(fc.asyncProperty(accepts, expectAnswers), {
      numRuns: 200,
      interruptAfterTimeLimit: 20_000,
    });
  });

  test('for JSON with a parameter are met by JSON', async () => {
    for (const { sent } of requests.slice(0, 2)) {
      const headers = { ...sent.headers, accept: 'application/json;x=text/html' };
      expect(judgementOf(await exchange(gateway.url, { ...sent, headers }))).toMatchObject(answer);
    }
  });
});

describe('names of operations', () => {
  const one = 'query A { customers { totalCount } }';
  const two = `${one} query B { __typename }`;

  test('that are empty are none, in each form', async () => {
    for (const query of [one, effectiveQuery]) {
      for (const [form, judgement] of await judge(gateway.url, { query, operationName: '' })) {
        expect({ form, ...judgement }).toMatchObject({ form, ...answer });
      }
    }
    const absent = await judge(gateway.url, { query: two });
    for (const [form, { codes, data }] of await judge(gateway.url, { query: two, operationName: '' })) {
      expect({ form, codes, data }).toEqual({ form, codes: absent.get(form)?.codes, data: null });
      expect(codes).toHaveLength(1);
    }
    expect(gateway.reported).toEqual([]);
  });
});

test('a condition that is null in spite of its default is answered alike each time', async () => {
  const conditions = ['@skip(if: $c)', '@include(if: $c)'];
  const queries = conditions.flatMap((condition) => [
    `query ($c: Boolean = true) { __typename ${condition} }`,
    `query ($c: Boolean = false) { __typename ${condition} }`,
    `query ($c: Boolean = true) { customers { totalCount ${condition} } }`,
    `query ($c: Boolean = true) { ... ${condition} { __typename } }`,
    `query ($c: Boolean = true) { ...f ${condition} } fragment f on Query { __typename }`,
  ]);
  for (const query of queries) {
    const rounds = [];
    for (let round = 0; round < 3; round++) {
      rounds.push(await judge(gateway.url, { query, variables: { c: null } }));
    }
    const [first] = rounds;
    for (const { name } of requestForms) {
      const seen = rounds.map((judgements) => {
        const { status = 0, codes, data } = judgements.get(name) ?? {};
        return { status, codes, data };
      });
      expect({ query, name, seen }).toEqual({ query, name, seen: seen.map(() => seen[0]) });
      expect({ query, name, ...seen[0] }).toMatchObject({ codes: first?.get('POST for JSON')?.codes });
      expect({ query, name, isFault: (seen[0]?.status ?? 0) >= 500 }).toMatchObject({ isFault: false });
      expect(seen[0]?.codes).not.toContain('INTERNAL_SERVER_ERROR');
    }
  }
  expect(gateway.reported).toEqual([]);
});

describe('persisted queries without a manifest', () => {
  const open = useGateway({ world: { customers: [], directory: [], tenants: {} } });

  const persisted = (sha256Hash: unknown) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

  test('whose hash is that of another query are refused as such, in each form', async () => {
    const request = { query: effectiveQuery, ...persisted(sha256('{ __typename }')) };
    for (const [form, { status, codes, isEventStream }] of await judge(open.url, request)) {
      expect({ form, codes }).toEqual({ form, codes: ['BAD_REQUEST'] });
      expect({ form, status }).toEqual({ form, status: isEventStream ? 200 : 400 });
    }
    expect([open.calls, open.reported]).toEqual([[], []]);
  });

  test('of an unknown hash alone are not found, in each form, until the query comes with it', async () => {
    for (const { name, encode } of requestForms) {
      const query = `{ ${name.replaceAll(' ', '_')}: __typename }`;
      const ask = async (request: object) => {
        const encoded = encode({ ...request });
        if (encoded === null) throw new Error(`${name} can't express a persisted query.`);
        return judgementOf(await exchange(open.url, encoded));
      };
      const hash = persisted(sha256(query));
      expect({ name, ...(await ask(hash)) }).toMatchObject({ codes: ['PERSISTED_QUERY_NOT_FOUND'] });
      const data = { [name.replaceAll(' ', '_')]: 'Query' };
      expect({ name, ...(await ask({ query, ...hash })) }).toMatchObject({ codes: [], data });
      expect({ name, ...(await ask(hash)) }).toMatchObject({ codes: [], data });
    }
    expect(open.reported).toEqual([]);
  });
});
