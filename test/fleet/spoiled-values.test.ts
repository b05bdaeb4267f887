/** Values in Redis, or messages, that this gateway did not write. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeRemoteCall,
  decodeGrant,
  decodeCapabilities,
  decodeCompletion,
  decodeListEvent,
  decodeSignal,
} from '../../src/fleet/decode.ts';
import { RedisConnection } from '../../src/fleet/redis-connection.ts';
import { RedisFleet } from '../../src/fleet/redis-fleet.ts';
import { seal, unseal } from '../../src/fleet/seal.ts';
import type { SharedFetch } from '../../src/planner/fleet.ts';
import { Secret } from '../../src/secret.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { hasRedis, startRedisServer, type RedisServer } from '../redis-server.ts';
import { until } from '../until.ts';

describe('a sealed value', () => {
  test('unseals under its own name', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (name, value) => {
        const sealed = seal(name, value);
        expect(unseal(name, sealed)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(unseal(`${name}x`, sealed)).toBeUndefined();
      }),
    );
  });

  test('does not unseal with a changed or missing character', () => {
    const sealed = seal('name', { sentAt: 1, rows: ['é', 2] });
    for (let index = 0; index < sealed.length; index++) {
      expect(unseal('name', `${sealed.slice(0, index)}~${sealed.slice(index + 1)}`)).toBeUndefined();
      expect(unseal('name', sealed.slice(0, index))).toBeUndefined();
    }
  });

  test.each([undefined, null, 7, '', ' ', '{"sentAt":1}', ['x'], {}])('is not %p', (text) => {
    expect(unseal('name', text)).toBeUndefined();
  });
});

const pause = { from: 'x', upstream: 'u', kind: 'pause', milliseconds: 5 };
const open = { kind: 'open', cooldownMs: 5 };
const circuit = { from: 'x', upstream: 'u', kind: 'circuit', endpoint: 'e', change: open };
const error = { code: 'UPSTREAM_TIMEOUT', message: 'm', details: { endpoint: 'e', status: 504 } };
const failed = { call: 'f', kind: 'failed', mark: 'm', startedAt: 1, error };
const request = { pageIndex: 1, pageSize: 100, filter: { dialect: 'plural', keys: ['a'] } };
const calls = { from: 'x', sentAt: 1, request };
const event = { key: 'k', kind: 'answer', request: { ...request, filter: null } };
const absent = { key: 'k', kind: 'absent', names: ['a'] };
const capabilities = {
  dialect: 'plural',
  ignored: { plural: false, singular: true },
  pageSize: 100,
  keysPerCall: 200,
  takesManyKeys: false,
};
const decoders = {
  signal: [decodeSignal, [pause, circuit, { ...circuit, change: { kind: 'close' } }]],
  completion: [decodeCompletion, [failed, { call: 'f', kind: 'completed' }, { call: 'f', kind: 'released' }]],
  calls: [decodeRemoteCall, [calls]],
  event: [decodeListEvent, [event, absent]],
  capabilities: [decodeCapabilities, [capabilities]],
} as const satisfies Record<string, readonly [(value: unknown) => unknown, readonly object[]]>;

describe.each(Object.entries(decoders))('what is decoded: %s', (_name, [decode, examples]) => {
  test('returns the written value', () => {
    for (const example of examples) expect(decode(example)).toEqual(example);
  });

  test('returns null if any part is spoiled', () => {
    const parts = (value: unknown): (string | number)[][] =>
      typeof value !== 'object' || value === null
        ? [[]]
        : [
            [],
            ...Object.entries(value).flatMap(([key, inner]) => parts(inner).map((path) => [key, ...path])),
          ];
    const spoiled = (value: unknown, [key, ...path]: (string | number)[], by: unknown): unknown => {
      if (key === undefined) return by;
      const copy = structuredClone(value) as Record<string | number, unknown>;
      copy[key] = spoiled(copy[key], path, by);
      return copy;
    };
    fc.assert(
      fc.property(fc.constantFrom(...examples), fc.nat(), fc.jsonValue(), (example, at, by) => {
        const paths = parts(example);
        const decoded = decode(spoiled(example, paths[at % paths.length] ?? [], by));
        // A spoiled value either decodes to its own form, or to null.
        if (decoded !== null) expect(decode(decoded)).toEqual(decoded);
      }),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => decode(value) === null));
  });
});

test.each([
  [decodeSignal, { ...pause, milliseconds: '5' }],
  [decodeSignal, { ...pause, milliseconds: null }],
  [decodeSignal, { ...circuit, change: { kind: 'open', cooldownMs: null } }],
  [decodeSignal, { ...circuit, change: undefined }],
  [decodeSignal, { from: 'x', signal: pause }],
  [decodeCompletion, { ...failed, error: undefined }],
  [decodeCompletion, { ...failed, error: { ...error, code: 'INTERNAL' } }],
  [decodeCompletion, { ...failed, error: { ...error, code: 'toString' } }],
  [decodeCompletion, { ...failed, error: { ...error, details: null } }],
  [decodeCapabilities, { ...capabilities, keysPerCall: 0 }],
  [decodeCapabilities, { ...capabilities, pageSize: 1e9 }],
  [decodeCapabilities, { ...capabilities, dialect: 'klingon' }],
  [decodeListEvent, { ...event, request: { ...request, pageIndex: 0 } }],
  [decodeListEvent, { ...absent, names: 'a' }],
  [decodeRemoteCall, { ...calls, request: { ...request, filter: { dialect: 'plural', keys: 'a' } } }],
  [decodeGrant, [Infinity, 0]],
  [decodeGrant, [-1, 0]],
  [decodeGrant, ['1', '0']],
  [decodeGrant, null],
])('nothing is decoded of what has the wrong form (%#)', (decode, value) => {
  expect(decode(value)).toBeNull();
});

test('a pause is decoded within its limits', () => {
  expect(decodeSignal({ ...pause, milliseconds: 1e15 })).toMatchObject({ milliseconds: 60_000 });
  expect(decodeSignal({ ...pause, milliseconds: -5 })).toMatchObject({ milliseconds: 0 });
});

const describeWithRedis = hasRedis ? describe : describe.skip;

describeWithRedis('in Redis', () => {
  let redis: RedisServer;
  let client: ReturnType<typeof createClient>;
  beforeAll(async () => {
    redis = await startRedisServer();
    client = createClient({ url: redis.url });
    await client.connect();
  });
  afterAll(async () => {
    client.destroy();
    await redis.kill();
  });
  beforeEach(async () => {
    await client.flushAll();
  });

  const spoilers: Record<string, (key: string) => Promise<unknown>> = {
    nothing: (key) => client.set(key, ''),
    'torn JSON': (key) => client.set(key, '{"sentAt":1,"ro'),
    null: (key) => client.set(key, 'null'),
    'a number': (key) => client.set(key, '7'),
    'a list as JSON': (key) => client.set(key, '[]'),
    'an object of another form': (key) => client.set(key, '{"sentAt":9999999999999,"rows":7}'),
    'what is sealed under another name': (key) => client.set(key, seal('another', { sentAt: 1e15 })),
    'rows of another form': (key) => client.set(key, seal(key, { sentAt: 1e13, rows: [7], entries: [{}] })),
    'no rows': (key) => client.set(key, seal(key, { sentAt: 1e13, rows: 7 })),
    'bytes that are no text': (key) => client.set(key, Buffer.from([0xff, 0xfe, 0x00, 0xc0])),
    'a list': (key) => client.rPush(key, 'x'),
    'a set': (key) => client.sAdd(key, 'x'),
    'a hash': (key) => client.hSet(key, { tokens: 'nan', at: 'inf', x: 'y' }),
    'a sorted set': (key) => client.zAdd(key, { score: 1, value: 'x' }),
    'a stream': (key) => client.xAdd(key, '*', { x: 'y' }),
    'a stream that has ended': (key) =>
      client.xAdd(key, '18446744073709551615-18446744073709551615', { x: 'y' }),
    'a stream of another form': (key) => client.xAdd(key, '*', { from: 'x', event: '{"kind":"answer"}' }),
  };

  describe('the gateway', () => {
    const world = createGeneratedWorld({ seed: 3, customers: 3, tenantsPerCustomer: 1, usersPerTenant: 20 });
    let gateways: GatewayUnderTest[] = [];
    let simulator: Simulator;
    let calls = 0;
    beforeAll(async () => {
      simulator = await startSimulator({
        port: 0,
        world,
        latencyMs: 0,
        dialect: 'plural',
        intercept: ({ path }) => {
          if (path !== '/connect/token') calls += 1;
          return undefined;
        },
      });
    });
    afterAll(() => simulator.stop());
    afterEach(async () => {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
    });
    const question = `{ customers(first: 3) { totalCount nodes { organization tenants {
      users(first: 20) { nodes { displayName protection { isProtected } } } } } } directory { customerId } }`;

    test.each(Object.entries(spoilers))(
      'answers as ever over %s in place of every value, reports no fault, and shares again',
      async (_what, spoil) => {
        gateways = await Promise.all(
          [1, 2, 3].map(() =>
            startGatewayUnderTest({
              world,
              simulator,
              redisUrl: redis.url,
              callsPerSecond: 1000,
              callers: { kind: 'open', requestsPerMinute: 1000 },
            }),
          ),
        );
        const [first, second, third] = gateways;
        // On a busy machine, the first attempt to connect may take too long.
        await until(() => gateways.every(({ logged }) => logged.at(-1)?.level === 'info'));
        const linesBefore = gateways.map(({ logged }) => logged.length);
        const expected = await first?.queryText(question);
        expect(expected?.errors).toBeUndefined();
        await redis.settled();
        const keys = await client.keys('*');
        expect(keys.length).toBeGreaterThan(8);
        // Leases have expired; they are restored as calls in flight without an expiry.
        const leases = keys
          .filter((key) => key.includes(':answer:'))
          .map((key) => key.replace(':answer:', ':lease:'));
        const callKeys = keys
          .filter((key) => key.includes(':events:'))
          .map((key) => key.replace(':events:', ':calls:'));
        for (const key of [...keys, ...leases, ...callKeys]) {
          await client.del(key);
          await spoil(key);
        }
        expect(await second?.queryText(question)).toEqual(expected);
        await redis.settled();
        for (const key of leases) expect(await client.exists(key)).toBe(0);
        const made = calls;
        expect(await third?.queryText(question)).toEqual(expected);
        expect(calls).toBe(made);
        expect(gateways.flatMap(({ reported }) => reported)).toEqual([]);
        expect(gateways.flatMap(({ logged }, index) => logged.slice(linesBefore[index]))).toEqual([]);
      },
    );
  });

  describe('a fleet', () => {
    const options = { prefix: 'spoiled' };
    let connections: RedisConnection[] = [];
    const join = async () => {
      const connection = new RedisConnection({ url: new Secret(redis.url), onChange: () => undefined });
      connections.push(connection);
      const fleet = new RedisFleet({ ...options, redis: connection });
      await connection.connect();
      return fleet;
    };
    afterEach(() => {
      for (const connection of connections) connection.close();
      connections = [];
    });
    const fetch = (): SharedFetch => ({
      startedAt: Date.now(),
      joinsFrom: -Infinity,
      accepts: () => true,
      lifeMs: 60_000,
      event: null,
      signal: new AbortController().signal,
      revive: (found) => found,
    });

    test.each(Object.entries(spoilers))(
      'gives of an allowance over %s, and no more than there is',
      async (_what, spoil) => {
        const fleet = await join();
        const allowance = { name: 'calls', max: 3, perSecond: 0.001 };
        await fleet.takeTokens(allowance, 1);
        const [key = ''] = await client.keys('spoiled:allowance:*');
        await client.del(key);
        await spoil(key);
        expect(await fleet.takeTokens(allowance, 5)).toMatchObject({ granted: 3 });
        expect(await fleet.takeTokens(allowance, 5)).toMatchObject({ granted: 0 });
        expect(await client.pTTL(key)).toBeGreaterThan(0);
      },
    );

    test.each([
      { tokens: '1e300', at: '0' },
      { tokens: '-1e300', at: '1e300' },
      { tokens: 'nan', at: 'nan' },
      { tokens: 'inf', at: '-inf' },
      { tokens: 'x', at: 'y' },
    ])('is not starved by a bucket of %p, nor flooded', async (fields) => {
      const fleet = await join();
      const allowance = { name: 'calls', max: 3, perSecond: 1000 };
      await fleet.takeTokens(allowance, 1);
      const [key = ''] = await client.keys('spoiled:allowance:*');
      await client.hSet(key, fields);
      const granted = (await fleet.takeTokens(allowance, 5))?.granted ?? -1;
      expect([0, 3]).toContain(granted);
      await sleep(20);
      expect(await fleet.takeTokens(allowance, 5)).toMatchObject({ granted: 3 });
    });

    test('makes the call and removes an answer that is larger than the limit', async () => {
      const fleet = await join();
      await fleet.fetchShared('key', fetch(), () => Promise.resolve({ sentAt: 1 }));
      await redis.settled();
      const [key = ''] = await client.keys('spoiled:answer:*');
      await client.set(key, 'x'.repeat(33 * 1024 * 1024));
      expect(await fleet.fetchShared('key', fetch(), () => Promise.resolve({ sentAt: 2 }))).toEqual({
        answer: { sentAt: 2 },
        isOwn: true,
      });
      await redis.settled();
      const other = await join();
      expect(await other.fetchShared('key', fetch(), () => Promise.reject(new Error('not needed')))).toEqual({
        answer: { sentAt: 2 },
        isOwn: false,
      });
    });

    test('does not wait for a call whose lease has no expiry', async () => {
      const fleet = await join();
      let lease = '';
      await fleet.fetchShared('key', fetch(), async () => {
        [lease = ''] = await client.keys('spoiled:lease:*');
        return { sentAt: 1 };
      });
      await redis.settled();
      await client.flushAll();
      for (const spoil of [
        () => client.set(lease, 'x'),
        () => client.set(lease, 'x', { expiration: { type: 'EX', value: 3600 } }),
        () => client.rPush(lease, 'x'),
      ]) {
        await client.flushAll();
        await spoil();
        expect(await fleet.fetchShared('key', fetch(), () => Promise.resolve({ sentAt: 3 }))).toMatchObject({
          isOwn: true,
        });
        await redis.settled();
      }
    });

    test('reads valid events among invalid ones, which it removes', async () => {
      const [fleet, other] = [await join(), await join()];
      const list = { list: 'list', collection: 'collection' };
      fleet.publish('list', { kind: 'absent', key: 'k', names: ['a'] }, 60_000);
      fleet.publishCapabilities('collection', capabilities as never);
      await redis.settled();
      const [stream = ''] = await client.keys('spoiled:events:*');
      const callsKey = stream.replace(':events:', ':calls:');
      await client.xAdd(stream, '*', { from: 'x', event: '{"torn' });
      await client.xAdd(stream, '*', { from: 'x' });
      await client.xAdd(stream, '*', { from: 'x', event: seal(stream, { kind: 'answer' }) });
      await client.xAdd(stream, '*', { from: 'x', event: 'x'.repeat(300_000) });
      await client.xAdd(stream, '*', {
        from: 'x',
        event: seal(stream, { key: 'lost', kind: 'answer', request }),
      });
      await client.hSet(callsKey, {
        a: 'torn',
        b: seal(callsKey, calls),
        c: seal(callsKey, [7]),
      });
      const updates = await other.readEvents(list, null);
      expect(updates).toMatchObject({ capabilities: capabilities, inFlight: [{ request, sentAt: 1 }] });
      expect(updates?.events.map(({ event: { key }, answer }) => [key, answer])).toEqual([
        ['k', null],
        ['lost', null],
      ]);
      await redis.settled();
      expect(await client.xLen(stream)).toBe(2);
      expect(Object.keys(await client.hGetAll(callsKey))).toEqual(['b']);
      fleet.publish('list', { kind: 'absent', key: 'more', names: [] }, 60_000);
      await redis.settled();
      const more = await other.readEvents(list, updates?.position ?? null);
      expect(more?.events.map(({ event: { key } }) => key)).toEqual(['more']);
    });

    test('ignores invalid messages', async () => {
      const fleet = await join();
      const signals: unknown[] = [];
      fleet.onSignal((signal) => signals.push(signal));
      await redis.settled();
      const [signalsChannel, completions] = ['spoiled:signals', 'spoiled:completions'];
      const messages = ['', 'torn', 'null', '7', '[]', '{}', JSON.stringify(pause), 'x'.repeat(300_000)];
      const sealed = [null, 7, [], {}, { from: 'x', signal: pause }, { ...pause, milliseconds: 'x' }, failed];
      for (const channel of [signalsChannel, completions]) {
        for (const message of messages) await client.publish(channel, message);
        for (const value of sealed) await client.publish(channel, seal(channel, value));
      }
      await client.publish(signalsChannel, seal(signalsChannel, { ...pause, milliseconds: 1e12 }));
      const last = { ...circuit, change: { kind: 'close' } };
      await client.publish(signalsChannel, seal(signalsChannel, last));
      await until(() => signals.length >= 2);
      expect(signals).toEqual([{ ...pause, milliseconds: 60_000 }, last]);
    });
  });
});
