/** Circuits open for denials of the gateway itself, and for no more than what is refused. */
import { expect, test } from '@jest/globals';
import { UpstreamError } from '../../src/errors.ts';
import { createScope } from '../../src/scope.ts';
import { Denials, withDenialBreaker, type UpstreamDenial } from '../../src/transport/upstream-denials.ts';
import type { TransportRequest } from '../../src/transport/transport.ts';

const customers = { endpoint: 'POST customers', path: '/customers/batch?pageIndex=1', permission: 'c.read' };
const users = (customer: string) => ({
  endpoint: 'POST users',
  path: `/customers/${customer}/users/batch?pageIndex=1`,
  permission: 'u.read',
});

interface Call {
  readonly endpoint: string;
  readonly path: string;
  readonly permission: string;
}

/** An API with a manual clock, and its number of calls. */
function serve(statusOf: (request: TransportRequest) => number) {
  let now = 0;
  let calls = 0;
  let current = statusOf;
  let changes: readonly UpstreamDenial[] = [];
  const denials = new Denials({ now: () => now, onChange: (all) => (changes = all) });
  const { scope } = createScope();
  const send = withDenialBreaker((request) => {
    calls += 1;
    return Promise.resolve({ status: current(request), headers: {}, body: '', bytes: 0 });
  }, denials);
  return {
    /** The status of the API, or of an error without a call. */
    ask: async (call: Call) => {
      try {
        return (await send({ method: 'POST', ...call }, scope)).status;
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
        expect(error.details.notSent).toBe(true);
        return `${error.code} without a call`;
      }
    },
    serve: (next: (request: TransportRequest) => number) => (current = next),
    advance: (milliseconds: number) => (now += milliseconds),
    calls: () => calls,
    refused: () => changes,
  };
}

test.each([
  [401, 'UPSTREAM_UNAUTHENTICATED'],
  [403, 'UPSTREAM_FORBIDDEN'],
])('%d for ever takes a few calls a minute, and works again within ten seconds', async (status, code) => {
  const api = serve(() => status);
  for (let second = 0; second < 60; second++) {
    for (let client = 0; client < 8; client++) await api.ask(customers);
    api.advance(1000);
  }
  expect(api.calls()).toBeLessThanOrEqual(20);
  expect(await api.ask(customers)).toBe(`${code} without a call`);
  // The whole API, as far as one endpoint shows.
  expect(new Set(api.refused().map((refusal) => refusal.status))).toEqual(new Set([status]));
  api.serve(() => 200);
  for (let second = 0; second < 10; second++) {
    await api.ask(customers);
    api.advance(1000);
  }
  expect(await api.ask(customers)).toBe(200);
  expect(api.refused()).toEqual([]);
});

test('403 for one customer affects no other customer or endpoint', async () => {
  const api = serve(({ path }) => (path.includes('/theirs/') ? 403 : 200));
  for (let round = 0; round < 100; round++) {
    expect(await api.ask(users('ours'))).toBe(200);
    expect(await api.ask(customers)).toBe(200);
    await api.ask(users('theirs'));
    api.advance(100);
  }
  expect(api.calls()).toBeLessThanOrEqual(200 + 10);
});

test('401 at one endpoint affects no other one', async () => {
  const api = serve(({ endpoint }) => (endpoint === 'POST users' ? 401 : 200));
  for (let round = 0; round < 100; round++) {
    expect(await api.ask(customers)).toBe(200);
    await api.ask(users('ours'));
    api.advance(100);
  }
  expect(api.calls()).toBeLessThanOrEqual(100 + 15);
  expect(api.refused()).toEqual([{ status: 401, endpoint: 'POST users', permission: 'u.read' }]);
});

test('a single refusal among successes opens no circuit', async () => {
  let calls = 0;
  const api = serve(() => (++calls % 5 === 0 ? 401 : 200));
  for (let round = 0; round < 200; round++) await api.ask(customers);
  expect(api.calls()).toBe(200);
  expect(api.refused()).toEqual([]);
});
