/** A Redis that answers and refuses: its reason is named once, until it accepts commands again. */
import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { RedisConnection } from '../../src/fleet/redis-connection.ts';
import { Secret } from '../../src/secret.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { hasRedis, startRedisServer, type RedisServer } from '../redis-server.ts';
import { until } from '../until.ts';

const write = ['SET', 'key', 'x'.repeat(1000)];
const script = ['EVAL', "return redis.call('SET', KEYS[1], ARGV[1])", '1', 'key', 'value'];
const refusals = [
  {
    word: 'OOM',
    words: 'its memory is full',
    begin: ['CONFIG', 'SET', 'maxmemory', '1'],
    end: ['CONFIG', 'SET', 'maxmemory', '0'],
  },
  {
    word: 'READONLY',
    words: 'it is a replica, which takes no writes',
    begin: ['REPLICAOF', '127.0.0.1', '1'],
    end: ['REPLICAOF', 'NO', 'ONE'],
  },
];

(hasRedis ? describe : describe.skip)('a Redis that refuses', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.kill());
  let close: (() => unknown) | undefined;
  afterEach(async () => {
    await close?.();
  });

  async function command(words: readonly string[]): Promise<void> {
    const client = createClient({ url: redis.url });
    await client.connect();
    await client.sendCommand([...words]);
    client.destroy();
  }

  describe.each(refusals)('for $word', ({ word, words, begin, end }) => {
    test.each([
      ['a command', [write]],
      ['a script', [script]],
      ['several commands at once', [write, ['PEXPIRE', 'key', '1000']]],
    ])('%s is named, and accepted again', async (_what, commands) => {
      const reasons: (string | null)[] = [];
      const connection = new RedisConnection({
        url: new Secret(redis.url),
        timeoutMs: 600_000,
        maxLatencyMs: 600_000,
        onChange: () => undefined,
        onErrorReply: (reason) => reasons.push(reason),
      });
      close = () => {
        connection.close();
      };
      await connection.connect();
      await command(begin);
      try {
        expect(await connection.send(...commands)).toBeNull();
      } finally {
        await command(end);
      }
      expect(reasons).toEqual([`${word}: ${words}`]);
      expect(await connection.send(...commands)).not.toBeNull();
      expect(reasons).toEqual([`${word}: ${words}`, null]);
    });

    test('is a fault of the health check, and one line of the log, while operations are answered', async () => {
      const gateway: GatewayUnderTest = await startGatewayUnderTest({
        world: createGeneratedWorld({ seed: 1, customers: 3, tenantsPerCustomer: 1, usersPerTenant: 5 }),
        redisUrl: redis.url,
      });
      close = gateway.stop;
      const ask = async () => {
        const { data, errors } = await gateway.queryText(
          '{ customers { totalCount } }',
          {},
          { headers: { 'cache-control': 'no-cache' } },
        );
        expect({ data, errors }).toEqual({ data: { customers: { totalCount: 3 } }, errors: undefined });
        const response = await fetch(`${gateway.url}/health/ready`);
        return ((await response.json()) as { readonly faults: string[] }).faults;
      };
      expect(await ask()).toEqual([]);
      const warnings = () => gateway.logged.filter(({ level }) => level === 'warn').length;
      await command(begin);
      try {
        await until(async () => (await ask()).length > 0);
        const [fault] = await ask();
        expect(fault).toContain(`refuses commands (${word}: ${words})`);
        for (let more = 0; more < 5; more++) await ask();
        expect(warnings()).toBe(1);
      } finally {
        await command(end);
      }
      await until(async () => (await ask()).length === 0);
      expect(warnings()).toBe(1);
    });
  });
});
