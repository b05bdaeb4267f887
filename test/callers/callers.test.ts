/** Authentication over HTTP: keys of a changing file, and tokens of a provider that rotates its keys. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { exportJWK, SignJWT } from 'jose';
import { ApiKeys, hashKey } from '../../src/callers/api-keys.ts';
import { RateLimit } from '../../src/callers/rate-limit.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { until } from '../until.ts';
import { customerRow, userRow, worldOfTenant } from '../world-of.ts';

const world = {
  customers: [customerRow({ id: 'a' }), customerRow({ id: 'b' }), customerRow({ id: 'c' })],
  directory: [],
  tenants: {},
};
const query = '{ customers { nodes { customerId } } }';

const folder = mkdtempSync(join(tmpdir(), 'callers-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let gateway: GatewayUnderTest;
afterEach(() => {
  jest.restoreAllMocks();
});
const startGateway = useGateways();

function keysFile(keys: readonly object[], name = 'keys.json'): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify({ keys }));
  return file;
}

function keyEntry(name: string, key: string, customers: unknown = 'all', expires?: string): object {
  return { name, sha256: hashKey(key), customers, ...(expires === undefined ? {} : { expires }) };
}

async function ask(
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; ids: string[]; text: string }> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  const { data } = JSON.parse(text) as { data?: { customers: { nodes: { customerId: string }[] } } };
  return {
    status: response.status,
    ids: data?.customers.nodes.map(({ customerId }) => customerId) ?? [],
    text,
  };
}

describe('by API key', () => {
  test('holders of a key are accepted, each for their customers, and no other caller is', async () => {
    const file = keysFile([
      keyEntry('everything', 'key-all'),
      keyEntry('two', 'key-two', ['C', 'a', 'absent']),
      keyEntry('old', 'key-old', 'all', '2020-01-01T00:00:00Z'),
    ]);
    gateway = await startGateway({
      world,
      callers: { kind: 'known', keysFile: file, tokens: null },
    });
    expect(await ask({ 'x-api-key': 'key-all' })).toMatchObject({ status: 200, ids: ['a', 'b', 'c'] });
    expect(await ask({ authorization: 'Bearer key-two' })).toMatchObject({ status: 200, ids: ['c', 'a'] });
    // The same request by another caller, with a warm response cache.
    expect(await ask({ 'x-api-key': 'key-all' })).toMatchObject({ status: 200, ids: ['a', 'b', 'c'] });
    expect(await ask({ 'x-api-key': 'key-two' })).toMatchObject({ status: 200, ids: ['c', 'a'] });
    for (const headers of [
      {},
      { 'x-api-key': '' },
      { 'x-api-key': 'key-old' },
      { 'x-api-key': 'key-all ' + 'x' },
      { authorization: 'Basic key-all' },
      { authorization: 'Bearer' },
      { 'x-api-key': hashKey('key-all') },
    ] as Record<string, string>[]) {
      const refused = await ask(headers);
      expect(refused).toMatchObject({ status: 401, ids: [] });
      expect(refused.text).toContain('UNAUTHENTICATED');
    }
    expect(gateway.reported).toEqual([]);
  });

  test.each([
    [['a'], '{ customer(customerId: "b") { directoryEntry { organization } } }', { customer: null }],
    [
      [],
      '{ directory { organization } customers { totalCount } }',
      { directory: [], customers: { totalCount: 0 } },
    ],
  ])('nothing is read for what a caller of the customers %j does not see: %s', async (ids, query, data) => {
    gateway = await startGateway({
      world,
      callers: { kind: 'known', keysFile: keysFile([keyEntry('one', 'key-one', ids)]), tokens: null },
    });
    const { calls, url } = gateway;
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'key-one', 'cache-control': 'no-cache' },
      body: JSON.stringify({ query }),
    });
    expect(await response.json()).toEqual({ data });
    expect(response.headers.get('age')).toBeNull();
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toEqual([]);
  });

  test('a foreign tenant that others have read dates no answer: it looks like one that does not exist', async () => {
    const foreign = {
      ...worldOfTenant({ users: [userRow({ id: 'u' })], protection: [] }),
      directory: [],
    };
    gateway = await startGateway({
      world: foreign,
      callers: {
        kind: 'known',
        keysFile: keysFile([keyEntry('all', 'key-all'), keyEntry('none', 'key-none', [])]),
        tokens: null,
      },
    });
    const { url } = gateway;
    const headersOf = async (key: string, tenantId: string, root: string) => {
      const tenant = root === 'tenant' ? `tenant(customerId: "c", tenantId: "${tenantId}")` : '';
      const id = Buffer.from(JSON.stringify(['Tenant', 'c', tenantId])).toString('base64url');
      const fields = '{ users(first: 1) { totalCount } }';
      const node = `node(id: "${id}") { ... on Tenant ${fields} }`;
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
        body: JSON.stringify({ query: `{ ${root === 'tenant' ? `${tenant} ${fields}` : node} }` }),
      });
      const text = await response.text();
      return { text, age: response.headers.get('age'), cacheControl: response.headers.get('cache-control') };
    };
    for (const root of ['tenant', 'node']) {
      expect((await headersOf('key-all', 't', root)).text).toContain('"totalCount":1');
      const shown = await headersOf('key-none', 't', root);
      expect(shown.text).toContain('null');
      expect(shown).toEqual(await headersOf('key-none', 'absent', root));
    }
  });

  test('the explorer and the health checks need no credential', async () => {
    const file = keysFile([keyEntry('one', 'key-one')]);
    gateway = await startGateway({
      world,
      callers: { kind: 'known', keysFile: file, tokens: null },
    });
    const page = await fetch(`${gateway.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    const asked = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}`, {
      headers: { accept: 'text/html', 'apollo-require-preflight': 'yes' },
    });
    expect(asked.status).toBe(401);
  });

  test('events need a credential, too', async () => {
    const file = keysFile([keyEntry('one', 'key-one', ['b'])]);
    gateway = await startGateway({
      world,
      callers: { kind: 'known', keysFile: file, tokens: null },
    });
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
    const body = JSON.stringify({ query });
    const refused = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body });
    expect(refused.status).toBe(401);
    const taken = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'x-api-key': 'key-one' },
      body,
    });
    expect(await taken.text()).toContain('{"data":{"customers":{"nodes":[{"customerId":"b"}]}}}');
  });

  test('a changed file is loaded, and one with a fault is not', async () => {
    const reported: unknown[] = [];
    const file = keysFile([keyEntry('one', 'key-one')], 'changing.json');
    const keys = new ApiKeys(file, {
      clock: Date.now,
      report: (error) => reported.push(error),
      profiles: null,
    });
    try {
      expect(keys.find('key-one')?.viewer.name).toBe('key one');
      writeFileSync(file, '{"keys": [');
      await until(() => reported.length > 0);
      expect(String(reported[0])).toContain('is not JSON');
      expect(keys.find('key-one')?.viewer.name).toBe('key one');
      // So that one which would mean nothing does not end those that count.
      keysFile([{ ...keyEntry('two', 'key-two'), expiresAt: '2020-01-01' }], 'changing.json');
      await until(() => reported.length > 1);
      expect(String(reported[1])).toContain('unknown field "expiresAt"; did you mean "expires"?');
      expect([keys.find('key-one')?.viewer.name, keys.find('key-two')]).toEqual(['key one', null]);
      keysFile([keyEntry('two', 'key-two')], 'changing.json');
      await until(() => keys.find('key-two') !== null);
      expect([keys.find('key-one'), keys.find('key-two')?.viewer.name]).toEqual([null, 'key two']);
    } finally {
      keys.close();
    }
  });

  test.each([
    [[{ name: 'a' }], 'keys[0]: expected "sha256"'],
    [[{ name: '', sha256: 'x' }], 'keys[0]: expected a "name"'],
    [[keyEntry('a', 'x'), keyEntry('a', 'y')], 'two keys have the name "a"'],
    [[keyEntry('a', 'x', 'some')], 'keys[0]: expected "customers"'],
    [[keyEntry('a', 'x', 'all', 'soon')], 'keys[0]: expected "expires"'],
    [['a'], 'keys[0]: expected an object'],
    [[{ ...keyEntry('a', 'x'), profile: 'east' }], 'keys[0]: expected "profile", one of AVEPOINT_PROFILES'],
    [[{ ...keyEntry('a', 'x'), profile: null }], 'keys[0]: expected "profile", one of AVEPOINT_PROFILES'],
    [
      [{ ...keyEntry('a', 'x'), expiresAt: '2020-01-01T00:00:00Z' }],
      'keys[0]: unknown field "expiresAt"; did you mean "expires"?',
    ],
    [
      [keyEntry('a', 'x'), { ...keyEntry('b', 'y'), trustedDocumentOnly: true }],
      'keys[1]: unknown field "trustedDocumentOnly"; did you mean "trustedDocumentsOnly"?',
    ],
    [
      [{ ...keyEntry('a', 'x'), EXPIRES: '2020-01-01' }],
      'keys[0]: unknown field "EXPIRES"; did you mean "expires"?',
    ],
    [[{ ...keyEntry('a', 'x'), note: 'x' }], 'keys[0]: unknown field "note".'],
    [[{ name: 'a', hash: 'x' }], 'keys[0]: unknown field "hash"; keys[0]: expected "sha256"'],
    [[{ ...keyEntry('a', 'x'), ['f'.repeat(99)]: 1 }], `keys[0]: unknown field "${'f'.repeat(50)}".`],
    [[keyEntry('a', 'x', 'all'), keyEntry('b', 'x', [])], '"a" and "b" have the same "sha256"'],
    [[keyEntry('a', 'x', ['a', ''])], 'keys[0]: expected "customers"'],
  ])('a file is refused that says %j', (keys, message) => {
    const file = keysFile(
      (keys as object[]).map((key) => (typeof key === 'object' ? { profile: 'north', ...key } : key)),
      'faulty.json',
    );
    expect(
      () => new ApiKeys(file, { clock: Date.now, report: () => undefined, profiles: new Set(['north']) }),
    ).toThrow(message);
  });
});

test('a file with unknown fields is refused', () => {
  const file = join(folder, 'beside.json');
  writeFileSync(file, JSON.stringify({ keys: [], key: [keyEntry('a', 'x')] }));
  expect(() => new ApiKeys(file, { clock: Date.now, report: () => undefined, profiles: null })).toThrow(
    `CALLERS_KEYS_FILE: the file ${JSON.stringify(file)} is not usable: unknown field "key"; did you mean "keys"?`,
  );
});

test('a caller has a rate limit per minute, and no other caller is affected', async () => {
  const file = keysFile([
    { ...keyEntry('slow', 'key-slow'), requestsPerMinute: 3 },
    keyEntry('fast', 'key-fast'),
  ]);
  gateway = await startGateway({
    world,
    clock: () => Date.now(),
    callers: { kind: 'known', keysFile: file, tokens: null, requestsPerMinute: 1000 },
  });
  // Tokens are not refilled meanwhile.
  const now = Date.now();
  jest.spyOn(Date, 'now').mockReturnValue(now);
  const statuses: number[] = [];
  for (let round = 0; round < 5; round++) statuses.push((await ask({ 'x-api-key': 'key-slow' })).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect((await ask({ 'x-api-key': 'key-fast' })).status).toBe(200);
  const refused = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'key-slow' },
    body: JSON.stringify({ query }),
  });
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(20);
  expect(await refused.json()).toMatchObject({
    errors: [{ extensions: { code: 'RATE_LIMITED', retryable: true, retryAfter: seconds } }],
  });
});

test('a minute gives each caller what it allows, never more at once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }),
      (perMinute, pauses) => {
        let now = 0;
        const limit = new RateLimit(() => now);
        const taken: number[] = [];
        for (const pause of pauses) {
          now += pause;
          const wait = limit.take('caller', perMinute);
          if (wait === 0) taken.push(now);
          else {
            const later = new RateLimit(() => now);
            expect(later.take('other', perMinute)).toBe(0);
            now += wait * 1000;
            expect(limit.take('caller', perMinute)).toBe(0);
            taken.push(now);
          }
        }
        for (const [index, from] of taken.entries()) {
          const within = taken.slice(index).filter((time) => time < from + 60_000).length;
          expect(within).toBeLessThanOrEqual(2 * perMinute);
        }
      },
    ),
  );
});

describe('by token', () => {
  const issuer = 'https://identity.example.com/';
  const audience = 'elements-graph';
  let provider: Server;
  let jwksUrl: URL;
  let published: object[] = [];
  let requests = 0;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const later = generateKeyPairSync('rsa', { modulusLength: 2048 });

  async function publish(keys: Readonly<Record<string, KeyObject>>): Promise<void> {
    published = await Promise.all(
      Object.entries(keys).map(async ([kid, key]) => ({
        ...(await exportJWK(key)),
        kid,
        alg: 'RS256',
        use: 'sig',
      })),
    );
  }

  beforeAll(async () => {
    provider = createServer((_request, response) => {
      requests += 1;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    jwksUrl = new URL(`http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`);
    await publish({ first: rsa.publicKey });
  });
  afterAll(() => {
    provider.close();
  });

  const start = async () => {
    gateway = await startGateway({
      world,
      clock: () => Date.now(),
      callers: {
        kind: 'known',
        keysFile: null,
        tokens: {
          issuer,
          audience,
          jwksUrl,
          algorithms: ['RS256'],
          clockSkewSeconds: 5,
          customersClaim: 'customers',
          profileClaim: 'profile',
        },
      },
    });
  };

  function token(
    claims: Readonly<Record<string, unknown>> = {},
    {
      kid = 'first',
      key = rsa.privateKey,
      alg = 'RS256',
    }: { kid?: string; key?: KeyObject | Uint8Array; alg?: string } = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: issuer,
      aud: audience,
      sub: 'service',
      iat: now,
      exp: now + 300,
      customers: 'all',
      ...claims,
    };
    return new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);
  }

  const bearer = (text: string) => ask({ authorization: `Bearer ${text}` });

  test('holders of a valid token are accepted, each for the customers of its claim', async () => {
    const now = Math.floor(Date.now() / 1000);
    jest.spyOn(Date, 'now').mockReturnValue(now * 1000);
    await start();
    expect(await bearer(await token())).toMatchObject({ status: 200, ids: ['a', 'b', 'c'] });
    expect(await bearer(await token({ customers: ['B'] }))).toMatchObject({ status: 200, ids: ['b'] });
    expect(await bearer(await token({ customers: [] }))).toMatchObject({ status: 200, ids: [] });
    expect(await bearer(await token({ customers: undefined }))).toMatchObject({ status: 200, ids: [] });
    expect(await bearer(await token({ customers: 7 }))).toMatchObject({ status: 401 });
    // Within the tolerance for clocks that are apart.
    expect(await bearer(await token({ exp: now - 2 }))).toMatchObject({ status: 200 });
    expect(requests).toBe(1);
  });

  test('a token that is forged, late, early, or meant for others is refused', async () => {
    await start();
    const now = Math.floor(Date.now() / 1000);
    const good = await token();
    const [head = '', body = '', signature = ''] = good.split('.');
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const refused: Record<string, string> = {
      'another key': await token({}, { key: later.privateKey }),
      'changed claims': `${head}.${encode({ ...claims, sub: 'root' })}.${signature}`,
      'no signature': `${head}.${body}.`,
      'alg none': `${encode({ alg: 'none' })}.${body}.`,
      'alg None': `${encode({ alg: 'None', kid: 'first' })}.${body}.${signature}`,
      'the public key as a secret': await token({}, { alg: 'HS256', key: Buffer.from(publicPem) }),
      'an algorithm that is not listed': await token({}, { alg: 'RS512' }),
      expired: await token({ exp: now - 60 }),
      'not valid yet': await token({ nbf: now + 3600 }),
      'no expiry': await token({ exp: undefined }),
      'no subject': await token({ sub: undefined }),
      'another audience': await token({ aud: 'others' }),
      'no audience': await token({ aud: undefined }),
      'another issuer': await token({ iss: 'https://evil.example.com/' }),
      'a key of its own': await new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(later.publicKey) })
        .sign(later.privateKey),
      'no token': 'a.b.c',
    };
    for (const [name, text] of Object.entries(refused)) {
      expect([name, (await bearer(text)).status]).toEqual([name, 401]);
    }
    expect(gateway.reported).toEqual([]);
  });

  test('a key that the provider has just begun to use is looked for, but not again and again', async () => {
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    await start();
    requests = 0;
    expect((await bearer(await token())).status).toBe(200);
    await publish({ first: rsa.publicKey, second: later.publicKey });
    const rotated = await token({}, { kid: 'second', key: later.privateKey });
    // The cooldown protects the provider from forged tokens.
    expect((await bearer(rotated)).status).toBe(401);
    expect(requests).toBe(1);
    clock.mockReturnValue(now + 11_000);
    try {
      expect((await bearer(rotated)).status).toBe(200);
      expect(requests).toBe(2);
      // Withdrawn keys are invalid once the keys are fetched again.
      await publish({ second: later.publicKey });
      clock.mockReturnValue(now + 11 * 60_000);
      const [old, young] = [
        await token({ exp: now / 1000 + 3600 }),
        await token({ exp: now / 1000 + 3600 }, { kid: 'second', key: later.privateKey }),
      ];
      expect([(await bearer(old)).status, (await bearer(young)).status]).toEqual([401, 200]);
    } finally {
      await publish({ first: rsa.publicKey });
    }
  });

  test('tokens can’t be verified without the provider', async () => {
    published = [];
    jwksUrl = new URL('http://127.0.0.1:1/keys');
    await start();
    const answer = await bearer(await token());
    expect(answer).toMatchObject({ status: 503 });
    expect(answer.text).toContain('IDENTITY_UNAVAILABLE');
  });
});
