/** Distinguishes faults of how an API is called from refusals of one request. */
import { expect, test } from '@jest/globals';
import { createScope } from '../../src/scope.ts';
import { withFaultDetector } from '../../src/transport/fault-detector.ts';
import type { TransportRequest } from '../../src/transport/transport.ts';

const post = (endpoint: string, path: string, filter: object = {}): TransportRequest => ({
  endpoint: `POST ${endpoint}`,
  method: 'POST',
  path: `${path}?pageIndex=1&pageSize=100`,
  body: () => JSON.stringify(filter),
});
const customers = post('/customers/batch', '/customers/batch');
const directory: TransportRequest = { endpoint: 'GET /customers', method: 'GET', path: '/customers' };
const customer = (id: string) => post('/customers/batch', '/customers/batch', { customerIds: [id] });
const users = (id: string) => post('/customers/{customerId}/users/batch', `/customers/${id}/users/batch`);

/** An API with a manual clock that answers with the given statuses. */
function serve() {
  let now = Date.UTC(2030, 0, 1);
  let status = 200;
  const noticed: (string | null)[] = [];
  const note = (text: string | null) => {
    if (noticed.at(-1) !== text) noticed.push(text);
  };
  const service = { name: 'The API', url: new URL('https://api.example.com/v3'), setting: 'API_URL' };
  const send = withFaultDetector(() => Promise.resolve({ status, headers: {}, body: '{}' }), service, {
    onFault: note,
    onRejection: note,
    now: () => now,
  });
  const { scope } = createScope();
  return {
    noticed,
    advance: (milliseconds: number) => (now += milliseconds),
    answer: async (next: number, ...requests: readonly TransportRequest[]) => {
      status = next;
      for (const request of requests) await send(request, scope);
    },
  };
}

const times = <Item>(count: number, item: (index: number) => Item): readonly Item[] =>
  Array.from({ length: count }, (_, index) => item(index));

test.each([400, 404, 405, 410])('%d for the whole list is one fault until it is accepted', async (status) => {
  const api = serve();
  await api.answer(200, users('a'));
  await api.answer(status, ...times(3, () => customers));
  expect(api.noticed).toEqual([]);
  // Other endpoints do not matter.
  await api.answer(200, users('a'));
  await api.answer(status, ...times(9, () => customers), ...times(9, () => directory));
  const text = `The API at api.example.com refuses POST /customers/batch whatever is asked for (status ${status}): check the path and the version in API_URL, and whether a proxy is in between.`;
  expect(api.noticed).toEqual([text]);
  await api.answer(200, users('a'));
  expect(api.noticed).toEqual([text]);
  await api.answer(200, directory, customers);
  expect(api.noticed).toEqual([text, null]);
});

test('a fault at two endpoints is over when both accept requests', async () => {
  const api = serve();
  await api.answer(404, ...times(4, () => customers), ...times(4, () => directory));
  await api.answer(200, customers);
  expect(api.noticed).toEqual([
    expect.stringContaining('refuses POST /customers/batch '),
    expect.stringContaining('refuses GET /customers '),
  ]);
  await api.answer(200, directory);
  expect(api.noticed.at(-1)).toBeNull();
});

test('a refusal for one customer or of a look-up is no fault of an API that has answered', async () => {
  const api = serve();
  await api.answer(200, users('a'));
  await api.answer(404, ...times(50, (index) => users(`u${index}`)));
  await api.answer(400, ...times(50, (index) => customer(`c${index}`)));
  expect(api.noticed).toEqual([]);
});

test('an API that refuses many different requests before its first success is at fault', async () => {
  const api = serve();
  await api.answer(404, ...times(50, () => users('a')));
  expect(api.noticed).toEqual([]);
  await api.answer(404, ...times(7, (index) => users(`u${index}`)));
  expect(api.noticed).toEqual([
    expect.stringMatching(
      /^The API at api\.example\.com has refused every call so far \(status 404\): .*API_URL/,
    ),
  ]);
  await api.answer(200, users('a'));
  await api.answer(404, ...times(50, (index) => users(`u${index}`)));
  expect(api.noticed.slice(1)).toEqual([null]);
});

test.each([401, 403, 408, 500, 503])('%d is no refusal of the request', async (status) => {
  const api = serve();
  await api.answer(status, ...times(50, () => customers));
  expect(api.noticed).toEqual([]);
});

test('429 is a fault if every call gets it for ten seconds', async () => {
  const api = serve();
  const limited = async (milliseconds: number) => {
    api.advance(milliseconds);
    await api.answer(429, ...times(20, () => customers));
  };
  await limited(0);
  await limited(9000);
  await api.answer(200, users('a'));
  await limited(0);
  await limited(9000);
  expect(api.noticed).toEqual([]);
  await limited(60_000);
  await limited(60_000);
  const text = `The API at api.example.com refuses every call for its rate (status 429) since 2030-01-01T00:00:09.000Z: check AVEPOINT_CALLS_PER_SECOND, and what else calls it with the same app registration.`;
  expect(api.noticed).toEqual([text]);
  await api.answer(404, users('a'));
  expect(api.noticed).toEqual([text, null]);
});
