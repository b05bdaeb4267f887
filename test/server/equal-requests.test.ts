/** Equal requests in flight are executed once, and each is still a request of its own. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import type { GatewayUnderTest, GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { UnavailableError } from '../../src/errors.ts';
import { OutputBudgets } from '../../src/execution/output-budget.ts';
import { ResponseBody } from '../../src/server/response-cache/response.ts';
import { requestsInFlight } from '../held-upstream.ts';
import { letArrive, until } from '../until.ts';
import { userRow, worldOfTenant } from '../world-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'equal-requests-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const world = {
  ...worldOfTenant({ users: [userRow({ id: 'u' })], protection: [] }),
  directory: [],
};
const query = 'query Equal { tenant(customerId: "c", tenantId: "t") { users { nodes { userId } } } }';
const data = { tenant: { users: { nodes: [{ userId: 'u' }] } } };
/** Nothing is kept, so that only requests in flight share anything. */
const keepsNothing = { maxCacheBytes: 0, maxAnswerBytes: 0 };

let gateway: GatewayUnderTest;
let release: () => void = () => undefined;
afterEach(() => {
  release();
});
const startGateway = useGateways({ world });

/** Starts a gateway whose upstream answers no call for users before `release`. */
async function start(options: Partial<GatewayUnderTestOptions> = {}): Promise<void> {
  const released = new Promise<undefined>((resolve) => {
    release = () => {
      resolve(undefined);
    };
  });
  gateway = await startGateway({
    ...keepsNothing,
    hasMetrics: true,
    ...options,
    intercept: (call) =>
      call.path.endsWith('/users/batch') ? released.then(() => options.intercept?.(call)) : undefined,
  });
}

/** Resolves when so many requests are in flight, and wait. */
async function arrived(count: number): Promise<void> {
  await until(async () => (await requestsInFlight(gateway)) >= count);
  await letArrive();
}

const auditOf = ({ audit }: GatewayUnderTest) => audit.filter(({ operation }) => operation === 'Equal');

test('equal requests make the calls of one, get the same response, and have a line in the audit each', async () => {
  await start();
  const asked = Array.from({ length: 5 }, () => gateway.queryText(query));
  await arrived(5);
  release();
  for (const answer of await Promise.all(asked)) expect(answer).toEqual({ data });
  await until(() => auditOf(gateway).length === 5);
  expect(gateway.calls).toHaveLength(1);
  const lines = auditOf(gateway);
  expect(lines.map(({ calls }) => calls).sort()).toEqual([0, 0, 0, 0, 1]);
  expect(lines.filter(({ responseCached }) => responseCached)).toHaveLength(4);
  expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(5);
  for (const { customers, outcome, codes, hash } of lines)
    expect({ customers, outcome, codes, hash }).toEqual({
      customers: ['c'],
      outcome: 'answered',
      codes: [],
      hash: createHash('sha256').update(query).digest('hex'),
    });
});

test('errors are shared as well, with their codes', async () => {
  await start({ intercept: () => ({ status: 500, body: '' }) });
  const asked = Array.from({ length: 3 }, () => gateway.queryText(query));
  await arrived(3);
  release();
  const codes = (await Promise.all(asked)).map(({ errors }) =>
    errors?.map(({ extensions }) => extensions['code']),
  );
  expect(codes).toEqual([['UPSTREAM_UNAVAILABLE'], ['UPSTREAM_UNAVAILABLE'], ['UPSTREAM_UNAVAILABLE']]);
  await until(() => auditOf(gateway).length === 3);
  for (const line of auditOf(gateway)) expect(line.codes).toEqual(['UPSTREAM_UNAVAILABLE']);
  expect(auditOf(gateway).filter(({ responseCached }) => responseCached)).toHaveLength(2);
});

test('the others are answered when the first caller disconnects', async () => {
  // Rows are cached, for the others may begin after the upstream has answered; a call that was aborted would be repeated.
  await start({ maxCacheBytes: 1_000_000 });
  const leaving = new AbortController();
  const first = gateway.queryText(query, {}, { signal: leaving.signal });
  await arrived(1);
  const others = [gateway.queryText(query, {}), gateway.queryText(query, {})];
  await arrived(3);
  leaving.abort();
  await expect(first).rejects.toThrow();
  await until(() => auditOf(gateway).length === 1);
  release();
  for (const answer of await Promise.all(others)) expect(answer).toEqual({ data });
  expect(gateway.calls).toHaveLength(1);
});

test('the deadline of the first request is not that of a later one', async () => {
  await start({ operationTimeoutMs: 6000 });
  const first = gateway.queryText(query);
  await arrived(1);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const later = gateway.queryText(query);
  const { errors } = await first;
  expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['DEADLINE_EXCEEDED']);
  release();
  expect(await later).toEqual({ data });
});

test.each([
  ['another document', [query, query.replace('Equal', 'Other')], {}],
  ['a demand for fresh data', [query, query], { 'cache-control': 'no-cache' }],
  ['an explanation', [query, query], { 'x-explain': 'true' }],
])('nothing is shared with %s', async (_name, documents, headers) => {
  await start();
  const asked = documents.map((document, index) =>
    gateway.queryText(document, {}, index === 0 ? {} : { headers }),
  );
  await arrived(2);
  release();
  await Promise.all(asked);
  await until(() => gateway.audit.length >= 2);
  expect(gateway.audit.filter(({ responseCached }) => responseCached)).toEqual([]);
});

test('nothing is shared with a caller of other permissions', async () => {
  const keysFile = join(folder, 'keys.json');
  const entry = (name: string, customers: 'all' | string[]) => ({
    name,
    sha256: createHash('sha256').update(`key-${name}`).digest('hex'),
    customers,
  });
  writeFileSync(
    keysFile,
    JSON.stringify({ keys: [entry('all', 'all'), entry('own', ['c']), entry('none', [])] }),
  );
  await start({ callers: { kind: 'known', keysFile, tokens: null } });
  const asked = ['all', 'own', 'none'].map((name) =>
    gateway.queryText(query, {}, { headers: { 'x-api-key': `key-${name}` } }),
  );
  await until(() => gateway.audit.length === 1);
  release();
  const answers = await Promise.all(asked);
  expect(answers.map((answer) => answer.data)).toEqual([data, data, { tenant: null }]);
  expect(gateway.audit.filter(({ responseCached }) => responseCached)).toEqual([]);
});

test('event streams are written to each', async () => {
  await start();
  const asked = Array.from({ length: 2 }, async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
    });
    return response.text();
  });
  await arrived(2);
  release();
  for (const text of await Promise.all(asked)) expect(text).toContain(JSON.stringify({ data }));
});

test('a response has the same headers whether it is shared or not', async () => {
  await start();
  const ask = async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    await response.text();
    return Object.fromEntries(
      [...response.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date'),
    );
  };
  const asked = [ask(), ask(), ask()];
  await arrived(3);
  release();
  const [first, ...others] = await Promise.all(asked);
  const alone = await ask();
  expect(Object.keys(alone)).toContain('etag');
  for (const headers of [first, ...others]) expect(headers).toEqual(alone);
});

test('a body counts among the long responses in flight until its last reader has it', async () => {
  const budgets = new OutputBudgets(2_000_000);
  const bodies = await Promise.all(
    ['a', 'b', 'c'].map((letter) => ResponseBody.write([letter.repeat(1_500_000)], 'application/json')),
  );
  const [first, second, third] = bodies;
  const releaseOne = first?.hold(budgets);
  const releaseOther = first?.hold(budgets);
  second?.hold(budgets);
  expect(() => third?.hold(budgets)).toThrow(UnavailableError);
  releaseOne?.();
  expect(() => third?.hold(budgets)).toThrow(UnavailableError);
  releaseOther?.();
  expect(() => third?.hold(budgets)).not.toThrow();
});
