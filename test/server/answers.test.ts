/** Whole answers: kept as long as their data is good, tagged, compressed. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { chooseEncoding } from '../../src/server/response-cache/encoding.ts';
import { useGateways } from '../use-gateway.ts';
import { userRow, worldOfTenant } from '../world-of.ts';

const startGateway = useGateways();

interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const query =
  '{ tenant(customerId: "c", tenantId: "t") { users(first: 100) { nodes { id userId displayName } } } }';
const short = '{ user(customerId: "c", tenantId: "t", userId: "u-1") { userId } }';

/** A gateway over a tenant of which the first user's name can be changed. */
async function start(intercept?: (path: string) => { status: number; body: string } | undefined) {
  let now = 1e12;
  const users = Array.from({ length: 90 }, (_, index) =>
    userRow({ id: `u-${index}`, displayName: index === 0 ? 'before' : `User ${index}` }),
  );
  const gateway = await startGateway({
    world: worldOfTenant({ users, protection: [] }),
    clock: () => now,
    lifetime: { freshMs: 10_000, absentMs: 5000, staleWhileRevalidateMs: 0 },
    intercept: ({ path }) => intercept?.(path),
  });
  const { url, calls } = gateway;
  const post = (body: object, headers: Record<string, string> = {}): Promise<Response> =>
    send(`${url}/graphql`, 'POST', { 'content-type': 'application/json', ...headers }, JSON.stringify(body));
  return {
    calls,
    post,
    get: (headers: Record<string, string> = {}) =>
      send(
        `${url}/graphql?query=${encodeURIComponent(query)}`,
        'GET',
        { 'apollo-require-preflight': 'yes', ...headers },
        '',
      ),
    rename: (displayName: string) => (users[0] = userRow({ id: 'u-0', displayName })),
    advance: (milliseconds: number) => (now += milliseconds),
    firstName: ({ body }: Response) =>
      (JSON.parse(body.toString()) as { data: { tenant: { users: { nodes: { displayName: string }[] } } } })
        .data.tenant.users.nodes[0]?.displayName,
  };
}

/** Whatever Node's fetch would do by itself. */
function send(url: string, method: string, headers: Record<string, string>, body: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('an answer', () => {
  test('says how old its data is, and how long it may be kept', async () => {
    const { post, get, advance } = await start();
    const headersOf = ({ headers }: Response) => [headers['cache-control'], headers.age];
    expect(headersOf(await post({ query }))).toEqual(['private, max-age=10', '0']);
    advance(3000);
    // From the rows, and then as a whole.
    expect(headersOf(await post({ query }))).toEqual(['private, max-age=10', '3']);
    advance(2000);
    expect(headersOf(await post({ query }))).toEqual(['private, max-age=10', '5']);
    expect(headersOf(await get())).toEqual(['private, max-age=10', '5']);
    expect(headersOf(await post({ query }, { 'cache-control': 'no-cache' }))).toEqual([
      'private, max-age=10',
      '0',
    ]);
    expect(headersOf(await post({ query: '{ __typename }' }))).toEqual([undefined, undefined]);
    expect((await post({ query })).headers.vary).toContain('authorization');
  });

  test('with an error is not to be kept', async () => {
    const { post } = await start((path) => (path.includes('/users') ? { status: 403, body: '' } : undefined));
    const { headers } = await post({ query });
    expect([headers['cache-control'], headers.age]).toEqual(['no-store', undefined]);
  });

  test('is the same again for as long as its data is fresh, without a call', async () => {
    const { post, calls, advance } = await start();
    const answers: Response[] = [];
    for (let request = 0; request < 5; request++) answers.push(await post({ query }));
    expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(1);
    const before = calls.length;
    advance(10_000);
    await post({ query });
    expect(calls).toHaveLength(before);
    advance(1);
    await post({ query });
    expect(calls.length).toBeGreaterThan(before);
  });

  test('is new as soon as any caller’s request has brought newer data', async () => {
    const { post, rename, advance, firstName } = await start();
    for (let request = 0; request < 3; request++) expect(firstName(await post({ query }))).toBe('before');
    rename('after');
    advance(1);
    expect(firstName(await post({ query }))).toBe('before');
    expect(firstName(await post({ query }, { 'cache-control': 'no-cache' }))).toBe('after');
    for (let request = 0; request < 3; request++) expect(firstName(await post({ query }))).toBe('after');
  });

  test('is another one for other variables, names and explanations', async () => {
    const { post } = await start();
    const document =
      'query a($id: ID!) { user(customerId: "c", tenantId: "t", userId: $id) { userId } } query b { directory { customerId } }';
    for (let round = 0; round < 3; round++) {
      for (const id of ['u-1', 'u-2']) {
        const { body } = await post({ query: document, operationName: 'a', variables: { id } });
        expect(JSON.parse(body.toString())).toEqual({ data: { user: { userId: id } } });
      }
      const { body } = await post({ query: document, operationName: 'b' });
      expect(JSON.parse(body.toString())).toEqual({ data: { directory: [] } });
      const explained = await post({ query: short }, { 'x-explain': 'true' });
      expect(JSON.parse(explained.body.toString())).toHaveProperty('extensions.upstream');
      expect(JSON.parse((await post({ query: short })).body.toString())).not.toHaveProperty('extensions');
    }
  });

  test('is not for a request that another site may have sent', async () => {
    const { get } = await start();
    for (let round = 0; round < 3; round++) expect((await get()).status).toBe(200);
    expect((await get({ 'apollo-require-preflight': '' })).status).toBe(400);
  });

  test('with an error is not shared', async () => {
    let isDown = true;
    const { post } = await start((path) =>
      isDown && path !== '/connect/token' ? { status: 500, body: '' } : undefined,
    );
    expect(JSON.parse((await post({ query })).body.toString())).toHaveProperty('errors');
    expect(JSON.parse((await post({ query })).body.toString())).toHaveProperty('errors');
    isDown = false;
    expect(JSON.parse((await post({ query })).body.toString())).not.toHaveProperty('errors');
  });

  test('is answered with 304 if the client already has it', async () => {
    const { post, get, rename, advance } = await start();
    for (const ask of [(headers = {}) => post({ query }, headers), get]) {
      const { headers } = await ask();
      const etag = headers.etag ?? '';
      expect(etag).toMatch(/^W\/".{20,}"$/);
      for (let round = 0; round < 3; round++) {
        const unchanged = await ask({ 'if-none-match': `"other", ${etag}` });
        expect([unchanged.status, unchanged.body.length, unchanged.headers.etag]).toEqual([304, 0, etag]);
        expect((await ask({ 'if-none-match': '"other"' })).status).toBe(200);
      }
    }
    const { headers } = await get();
    rename('after');
    advance(1);
    await get({ 'cache-control': 'no-cache' });
    expect((await get({ 'if-none-match': headers.etag ?? '' })).status).toBe(200);
  });

  test.each([
    ['gzip', 'gzip', gunzipSync],
    ['br, gzip;q=0.5', 'br', brotliDecompressSync],
    ['gzip;q=0, *;q=0', undefined, (body: Buffer) => body],
    ['identity', undefined, (body: Buffer) => body],
  ])('is compressed as asked: %s', async (acceptEncoding, encoding, decode) => {
    const { post } = await start();
    const plain = await post({ query });
    for (let round = 0; round < 3; round++) {
      const { headers, body } = await post({ query }, { 'accept-encoding': acceptEncoding });
      expect(headers['content-encoding']).toBe(encoding);
      expect(headers.vary).toContain('accept-encoding');
      expect(Number(headers['content-length'])).toBe(body.length);
      expect(decode(body).equals(plain.body)).toBe(true);
      const small = await post({ query: short }, { 'accept-encoding': acceptEncoding });
      expect(small.headers['content-encoding']).toBeUndefined();
    }
  });
});

test.each([
  [undefined, null],
  ['', null],
  ['deflate', null],
  ['gzip', 'gzip'],
  ['gzip, br', 'br'],
  ['GZIP;q=1, br;q=0.2', 'gzip'],
  ['br;q=0, gzip;q=0.001', 'gzip'],
  ['br;q=nonsense', null],
])('of %j, %j is chosen', (acceptEncoding, encoding) => {
  expect(chooseEncoding(acceptEncoding)).toBe(encoding);
});
