/** Malformed tokens, and a provider that is down, slow or hostile. */
import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCallers, type Caller, type Callers } from '../../src/callers/callers.ts';
import { startProvider, type Provider } from './provider.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokens-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const second = 1000;
let provider: Provider;
let callers: Callers;
let now: number;
let reported: unknown[];

beforeEach(async () => {
  provider = await startProvider();
  now = Date.now();
  reported = [];
  callers = createCallers(
    { kind: 'known', keysFile: null, tokens: provider.options, requestsPerMinute: 1 },
    {
      providerKeys: { fetchAnswer: provider.fetchAnswer },
      clock: () => now,
      now: () => now,
      report: (error) => reported.push(error),
      profiles: null,
    },
  );
});
afterEach(async () => {
  callers.close();
  await provider.stop();
});

/** The caller, or the code of the refusal. */
async function identify(token: string, from = callers): Promise<Caller | string> {
  try {
    return await from.identify({ authorization: `Bearer ${token}` });
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const nameOf = (found: Caller | string) => (typeof found === 'string' ? found : found.viewer.name);

/** With claims exactly as they are written, which a library might not sign. */
function signText(payload: string): string {
  const encode = (text: string) => Buffer.from(text).toString('base64url');
  const signed = `${encode('{"alg":"RS256","kid":"first"}')}.${encode(payload)}`;
  return `${signed}.${createSign('sha256').update(signed).sign(provider.key).toString('base64url')}`;
}

describe('a signed token', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a number as subject', { sub: 7 }],
    ['an empty subject', { sub: '' }],
    ['a blank subject', { sub: ' ' }],
    ['a subject of another type', { sub: ['service'] }],
    ['null as subject', { sub: null }],
    ['a subject without bound', { sub: 's'.repeat(1001) }],
    ['an expiry in text', { exp: '9999999999' }],
    ['null as expiry', { exp: null }],
    ['a list as expiry', { exp: [9999999999] }],
    ['a beginning in text', { nbf: '0' }],
    ['an audience among things that are none', { aud: ['elements-graph', 7] }],
    ['too many audiences', { aud: ['elements-graph', ...Array.from({ length: 100 }, String)] }],
    ['an object as audience', { aud: { 'elements-graph': true } }],
    ['a number as authorized party', { azp: 7 }],
    ['an object as client id', { client_id: {} }],
    ['a number as customers', { customers: 7 }],
    ['one customer in text', { customers: 'a' }],
    ['customers that are no text', { customers: ['a', 7] }],
    ['customers within a list', { customers: [['a']] }],
    ['an empty customer', { customers: ['a', ''] }],
    ['an object as customers', { customers: { all: true } }],
    ['true as customers', { customers: true }],
    ['an issuer in a list', { iss: ['https://identity.example.com/'] }],
  ])('with %s is not valid', async (_what, claims) => {
    const payload = {
      iss: provider.options.issuer,
      aud: provider.options.audience,
      sub: 'service',
      exp: Math.floor(now / 1000) + 300,
      customers: 'all',
      ...claims,
    };
    expect(await identify(signText(JSON.stringify(payload)))).toBe('UNAUTHENTICATED');
    expect(reported).toEqual([]);
  });

  test.each([
    ['an expiry that never comes', '"exp":1e999'],
    ['no object', null],
  ])('with %s is not valid', async (_what, claim) => {
    const { issuer, audience } = provider.options;
    const text =
      claim === null ? '["service"]' : `{"iss":"${issuer}","aud":"${audience}","sub":"service",${claim}}`;
    expect(await identify(signText(text))).toBe('UNAUTHENTICATED');
    expect(reported).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, ReadonlySet<string> | null]>([
    ['all', { customers: 'all' }, null],
    ['some', { customers: ['A', 'b'] }, new Set(['a', 'b'])],
    ['none', { customers: [] }, new Set()],
    ['none for a claim that is missing', { customers: undefined }, new Set()],
    ['none for a claim that is null', { customers: null }, new Set()],
    ['all with several audiences', { aud: ['others', 'elements-graph'] }, null],
  ])('gives its holder %s of the customers', async (_what, claims, customerIds) => {
    expect(await identify(await provider.sign(claims))).toMatchObject({ viewer: { customerIds } });
  });

  test('names a service, but no person', async () => {
    expect(nameOf(await identify(await provider.sign({ sub: 's', azp: 's' })))).toBe('token s');
    const hash = createHash('sha256').update('ann@example.com').digest('hex').slice(0, 16);
    expect(nameOf(await identify(await provider.sign({ sub: 'ann@example.com' })))).toBe(`token ${hash}`);
  });

  test('must name a profile as text if there are several', async () => {
    const several = createCallers(
      { kind: 'known', keysFile: null, tokens: provider.options, requestsPerMinute: null },
      {
        providerKeys: { fetchAnswer: provider.fetchAnswer },
        clock: () => now,
        now: () => now,
        report: (error) => reported.push(error),
        profiles: new Set(['north']),
      },
    );
    expect(await identify(await provider.sign({ profile: 'north' }), several)).toMatchObject({
      viewer: { profile: 'north' },
    });
    for (const profile of [undefined, null, 7, 'south', ['north'], { north: true }]) {
      expect(await identify(await provider.sign({ profile }), several)).toBe('UNAUTHENTICATED');
    }
  });

  test('can be verified any number of times: it counts for no rate limit, and fetches the keys once', async () => {
    const token = await provider.sign();
    for (let look = 0; look < 20; look++) expect(nameOf(await identify(token))).not.toBe('UNAUTHENTICATED');
    expect(provider.requests()).toBe(1);
    const caller = await callers.identify({ authorization: `Bearer ${token}` });
    await callers.admit(caller);
    expect(() => callers.admit(caller)).toThrow('Rate limit exceeded (1 requests per minute)');
    // Invalid as soon as it has expired.
    now += 7300 * second;
    expect(await identify(token)).toBe('UNAUTHENTICATED');
  });
});

describe('a key of the form of a token', () => {
  test('is found among the keys, whether tokens are configured or not, and the provider is not asked', async () => {
    const file = join(folder, 'keys.json');
    const key = 'a.b.c';
    const sha256 = createHash('sha256').update(key).digest('hex');
    writeFileSync(file, JSON.stringify({ keys: [{ name: 'dotted', sha256, customers: 'all' }] }));
    for (const tokens of [null, provider.options]) {
      const both = createCallers(
        { kind: 'known', keysFile: file, tokens, requestsPerMinute: null },
        {
          providerKeys: { fetchAnswer: provider.fetchAnswer },
          clock: () => now,
          now: () => now,
          report: (error) => reported.push(error),
          profiles: null,
        },
      );
      try {
        expect(nameOf(await identify(key, both))).toBe('key dotted');
        expect(await both.identify({ 'x-api-key': key })).toMatchObject({ viewer: { name: 'key dotted' } });
        expect(await identify('a.b.d', both)).toBe('UNAUTHENTICATED');
      } finally {
        both.close();
      }
    }
    expect(provider.requests()).toBe(0);
  });
});

describe('a provider that is down', () => {
  const fail = () => {
    provider.answerWith((response) => response.writeHead(503).end());
  };

  test('is called once for concurrent requests, and not again within a cooldown that grows to a minute', async () => {
    fail();
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, index) => provider.sign({}, `kid-${index}`)),
    );
    expect(new Set(await Promise.all(tokens.map((token) => identify(token))))).toEqual(
      new Set(['IDENTITY_UNAVAILABLE']),
    );
    expect(provider.requests()).toBe(1);
    for (const [index, cooldown] of [10, 20, 40, 60, 60].entries()) {
      now += cooldown * second - 1;
      for (const token of tokens.slice(0, 5)) expect(await identify(token)).toBe('IDENTITY_UNAVAILABLE');
      expect(provider.requests()).toBe(index + 1);
      now += 1;
      for (const token of tokens.slice(0, 5)) expect(await identify(token)).toBe('IDENTITY_UNAVAILABLE');
      expect(provider.requests()).toBe(index + 2);
    }
    expect(reported.map(String)).toEqual(["Error: The identity provider's keys can't be fetched."]);
  });

  test('is reported again when it is down again, and asked at once when it was up', async () => {
    fail();
    const token = await provider.sign();
    expect(await identify(token)).toBe('IDENTITY_UNAVAILABLE');
    provider.answerWith(null);
    now += 10 * second;
    expect(nameOf(await identify(token))).not.toBe('IDENTITY_UNAVAILABLE');
    fail();
    now += 3601 * second;
    expect(await identify(token)).toBe('IDENTITY_UNAVAILABLE');
    expect(await identify(token)).toBe('IDENTITY_UNAVAILABLE');
    expect(reported).toHaveLength(2);
    expect(provider.requests()).toBe(3);
  });

  test('and stays down for most of an hour, the last keys verify tokens, with few calls', async () => {
    const token = await provider.sign();
    await identify(token);
    fail();
    now += 601 * second;
    for (let minute = 0; minute < 45; minute++) {
      for (let request = 0; request < 5; request++) {
        expect(nameOf(await identify(token))).toMatch(/^token /);
        expect(await identify(await provider.sign({}, `kid-${minute}-${request}`))).toBe('UNAUTHENTICATED');
      }
      now += 61 * second;
    }
    expect(provider.requests()).toBeLessThanOrEqual(48);
    expect(reported).toHaveLength(1);
  });

  test('refuses unknown keys by what is cached, and accepts holders of known ones', async () => {
    const token = await provider.sign();
    await identify(token);
    fail();
    now += 11 * second;
    for (let index = 0; index < 20; index++) {
      expect(await identify(await provider.sign({}, `kid-${index}`))).toBe('UNAUTHENTICATED');
    }
    expect(provider.requests()).toBe(2);
    expect(nameOf(await identify(token))).not.toBe('UNAUTHENTICATED');
    expect(reported).toHaveLength(1);
  });

  test('gives no cause with a refusal, which would be reported with each request', async () => {
    fail();
    const token = await provider.sign();
    for (let request = 0; request < 2; request++) {
      const refusal = await Promise.resolve(callers.identify({ authorization: `Bearer ${token}` })).catch(
        (error: unknown) => error,
      );
      expect(refusal).toMatchObject({ code: 'IDENTITY_UNAVAILABLE' });
      expect((refusal as Error).cause).toBeUndefined();
    }
  });

  test.each<[string, Parameters<Provider['answerWith']>[0]]>([
    ['redirects', (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['breaks off', (response) => response.socket?.destroy()],
    ['tears its answer', (response) => response.end('{"keys":[')],
    ['answers HTML', (response) => response.end('<html></html>')],
    ['answers null', (response) => response.end('null')],
    ['has no keys', (response) => response.end('{}')],
    ['has keys that are none', (response) => response.end('{"keys":[7]}')],
    ['has too many keys', (response) => response.end(JSON.stringify({ keys: Array(1001).fill({}) }))],
    ['nests without end', (response) => response.end('['.repeat(200_000))],
    ['has a long answer', (response) => response.end(`{"keys":[]}${' '.repeat(300 * 1024)}`)],
  ])('and %s is as one that does not answer', async (_what, answer) => {
    provider.answerWith(answer);
    expect(await identify(await provider.sign())).toBe('IDENTITY_UNAVAILABLE');
    expect(reported).toHaveLength(1);
    provider.answerWith(null);
    now += 10 * second;
    expect(nameOf(await identify(await provider.sign()))).not.toBe('IDENTITY_UNAVAILABLE');
  });

  test('and begins an answer that never ends is not waited for', async () => {
    provider.answerWith((response) => {
      response.write('{"keys":');
    });
    expect(await identify(await provider.sign())).toBe('IDENTITY_UNAVAILABLE');
    expect(reported).toHaveLength(1);
  });

  test('and sends without end is read no further than a bound', async () => {
    let sent = 0;
    let isClosed = false;
    provider.answerWith((response) => {
      const chunk = Buffer.alloc(16 * 1024, ' ');
      const more = () => {
        while (!isClosed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', more).on('close', () => (isClosed = true));
      more();
    });
    expect(await identify(await provider.sign())).toBe('IDENTITY_UNAVAILABLE');
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  test("and publishes a key that can't verify is reported once, and its tokens are not valid", async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = publicKey.export({ format: 'jwk' });
    provider.answerWith((response) =>
      response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'first', alg: 'RS256' }] })),
    );
    const token = await provider.sign();
    for (let request = 0; request < 3; request++) expect(await identify(token)).toBe('UNAUTHENTICATED');
    expect(reported.map(String)).toEqual(["Error: A key of the identity provider can't be used."]);
  });
});
