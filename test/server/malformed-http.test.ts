/** What is refused before there is a request, and in the words of the other refusals. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { useGateway } from '../use-gateway.ts';

const gateway = useGateway({
  world: { customers: [], directory: [], tenants: {} },
  endpoint: { allowedOrigins: ['https://portal.example.com'] },
});

async function exchange(request: string): Promise<{ status: number; body: unknown }> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  socket.end(request);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: JSON.parse(body) as unknown };
}

test.each([
  [
    'two lengths',
    400,
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
  ],
  ['TLS', 400, '\u0016\u0003\u0001'],
  ['headers that are too long', 431, `GET / HTTP/1.1\r\nHost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['a URL that is no text', 400, 'GET /%GG HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
  [
    "a content type that can't be read",
    415,
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ;application/json\r\nContent-Length: 2\r\n\r\n{}',
  ],
])('%s: status %i, as an error of the gateway', async (_what, status, request) => {
  const answer = await exchange(request);
  expect(answer).toEqual({
    status,
    body: {
      errors: [
        {
          message: expect.stringMatching(/^[^%]+\.?$/) as unknown,
          extensions: { code: 'BAD_REQUEST', retryable: false },
        },
      ],
    },
  });
  expect(gateway.reported).toEqual([]);
});

test('a request of methods that is no preflight is answered, with allowed origins as well', async () => {
  const { status } = await fetch(`${gateway.url}/graphql`, { method: 'OPTIONS' });
  expect(status).toBe(204);
});

test.each([
  [
    'query ($c: Boolean!)',
    'subscription ($c: Boolean!) { protectionReport @include(if: $c) { progress { calls } } }',
  ],
  ['a literal', 'subscription { protectionReport @skip(if: true) { progress { calls } } }'],
  ['a fragment', 'subscription { ... @skip(if: true) { protectionReport { progress { calls } } } }'],
])('a subscription whose only field is conditional by %s is invalid, in both forms', async (_what, query) => {
  for (const accept of ['application/json', 'text/event-stream']) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query, variables: { c: false } }),
    });
    expect(await response.text()).toContain('GRAPHQL_VALIDATION_FAILED');
  }
  expect(gateway.reported).toEqual([]);
});

test.each(['foo=1&foo=2', 'foo=%ff', '%ff=1'])('a URL with %s is refused', async (parameters) => {
  const response = await fetch(`${gateway.url}/graphql?query=%7B__typename%7D&${parameters}`);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('BAD_REQUEST');
});
