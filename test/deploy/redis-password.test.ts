/** A Redis with a password, as deploy/ and compose.yaml have it, by a real server and a real gateway. */
import { afterEach, expect, test } from '@jest/globals';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { hasRedis, startRedisServer, type RedisServer } from '../redis-server.ts';
import { until } from '../until.ts';

let redis: RedisServer | undefined;
let gateway: GatewayProcess | undefined;
afterEach(async () => {
  await endProcess(gateway);
  await redis?.kill();
});

(hasRedis ? test : test.skip).each([
  ['in REDIS_URL is used', 'right', 1],
  ['that is wrong leaves the gateway alone, and ready', 'not-the-right-one', 0],
])('a password %s', async (_what, password, isUp) => {
  redis = await startRedisServer(['--requirepass', 'right']);
  const url = redis.url.replace('redis://', `redis://:${password}@`);
  const started = await startGatewayProcess(null, { REDIS_URL: url });
  gateway = started;
  await until(async () => {
    const text = await (await fetch(`${started.url}/metrics`)).text();
    return text.includes(`elements_graph_redis_up ${isUp}`);
  });
  const ready = await fetch(`${started.url}/health/ready`);
  expect(ready.status).toBe(200);
  expect(((await ready.json()) as { faults: string[] }).faults).toHaveLength(1 - isUp);
  expect(started.complaints()).not.toContain(password);
});
