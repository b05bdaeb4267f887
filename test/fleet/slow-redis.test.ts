/** A slow Redis never costs more than it saves: it is suspended, and used again on recovery. */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { RedisConnection, SlowRedisError } from '../../src/fleet/redis-connection.ts';
import { Secret } from '../../src/secret.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { hasRedis, startRedisServer, type RedisServer } from '../redis-server.ts';
import { until } from '../until.ts';

/** A proxy between the gateway and Redis that delays each reply. */
class DelayingProxy {
  delayMs = 0;
  /** Pieces of commands that have passed. */
  passed = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: URL) {
    this.#server = createServer((socket) => {
      const redis = connect(Number(target.port), target.hostname);
      for (const each of [socket, redis]) {
        this.#sockets.add(each);
        each.on('error', () => undefined);
      }
      socket.on('data', (data) => {
        this.passed += 1;
        redis.write(data);
      });
      redis.on('data', (data) => setTimeout(() => socket.write(data), this.delayMs).unref());
      socket.on('close', () => redis.destroy());
      redis.on('close', () => socket.destroy());
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

(hasRedis ? describe : describe.skip)('a slow Redis', () => {
  /** A fast Redis on a busy machine is not as slow as this, at least not five times in a row. */
  const maxLatencyMs = 1000;
  let redis: RedisServer;
  let proxy: DelayingProxy;
  let url: string;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.kill());
  const running: { readonly stop: () => unknown }[] = [];
  afterEach(async () => {
    for (const each of running.splice(0).reverse()) await each.stop();
  });
  async function startProxy() {
    proxy = new DelayingProxy(new URL(redis.url));
    url = await proxy.start();
    running.push(proxy);
  }

  test('is suspended after five late replies, until it replies in time', async () => {
    await startProxy();
    const changes: unknown[] = [];
    const connection = new RedisConnection({
      url: new Secret(url),
      timeoutMs: 600_000,
      maxLatencyMs,
      onChange: (isUp, error) => changes.push(isUp || error),
    });
    running.push({
      stop: () => {
        connection.close();
      },
    });
    await connection.connect();
    proxy.delayMs = 1500;
    for (let late = 0; late < 5; late++) expect(await connection.send(['PING'])).toEqual(['PONG']);
    expect(connection.isUp).toBe(false);
    expect(connection.latencyMs).toBeGreaterThan(maxLatencyMs);
    expect(changes).toMatchObject([true, { name: 'SlowRedisError' }]);
    expect(changes[1]).toBeInstanceOf(SlowRedisError);
    expect(await connection.send(['PING'])).toBeNull();
    proxy.delayMs = 0;
    await until(() => connection.isUp);
    expect(await connection.send(['PING'])).toEqual(['PONG']);
  });

  test('is not suspended for a single late reply', async () => {
    await startProxy();
    const connection = new RedisConnection({
      url: new Secret(url),
      timeoutMs: 600_000,
      maxLatencyMs,
      onChange: () => undefined,
    });
    running.push({
      stop: () => {
        connection.close();
      },
    });
    await connection.connect();
    for (const delayMs of [1500, 0, 1500, 0, 0, 0, 1500]) {
      proxy.delayMs = delayMs;
      expect(await connection.send(['PING'])).toEqual(['PONG']);
    }
    expect(connection.isUp).toBe(true);
  });

  test('that never replies does not prevent the start', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    running.push({ stop: () => silent.close() });
    const gateway = await startGatewayUnderTest({
      world: createGeneratedWorld({ seed: 1, customers: 1, tenantsPerCustomer: 1, usersPerTenant: 1 }),
      redisUrl: `redis://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    });
    running.push(gateway);
    expect((await gateway.queryText('{ customers { totalCount } }')).errors).toBeUndefined();
    const response = await fetch(`${gateway.url}/health/ready`);
    expect(((await response.json()) as { readonly faults: string[] }).faults[0]).toContain(
      'has not answered',
    );
  });

  test('delays no operation, and is named by the health check', async () => {
    await startProxy();
    const gateway: GatewayUnderTest = await startGatewayUnderTest({
      world: createGeneratedWorld({ seed: 1, customers: 3, tenantsPerCustomer: 1, usersPerTenant: 5 }),
      redisUrl: url,
      redisTimeoutMs: 600_000,
      redisMaxLatencyMs: maxLatencyMs,
      hasMetrics: true,
    });
    running.push(gateway);
    const ask = () =>
      gateway.queryText('{ customers { totalCount } }', {}, { headers: { 'cache-control': 'no-cache' } });
    proxy.delayMs = 1500;
    const faults = async () =>
      ((await (await fetch(`${gateway.url}/health/ready`)).json()) as { readonly faults: string[] }).faults;
    while ((await faults()).length === 0) expect((await ask()).errors).toBeUndefined();
    expect((await faults())[0]).toMatch(/^Redis at 127\.0\.0\.1:\d+ is bypassed, since it takes \d+ ms/);
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(
      /^elements_graph_redis_latency_seconds 1\.\d+$/m,
    );
    // No reply passes any more.
    proxy.delayMs = 600_000;
    expect(await ask()).toEqual({ data: { customers: { totalCount: 3 } } });
  });
});
