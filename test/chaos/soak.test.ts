/**
 * Two gateways behind a balancer that checks their readiness, as a process manager runs them: one is shut down and
 * replaced while the other goes on, again and again, and no request is lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { request } from 'undici';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import type { GraphQLAnswer } from '../gateway-under-test.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { stormSize } from '../storms.ts';
import { createRandom, createRandomOperations, faultsOf } from '../random-operations.ts';
import { until } from '../until.ts';

const callers = stormSize(20, 8);
const replacements = stormSize(4, 2);
const checkEveryMs = 50;
/** Of a caller between two requests: the load needs to be steady, not heavy. */
const pauseMs = 50;
/** Longer than the balancer and what is under way need on a busy machine. */
const shutdown = { SHUTDOWN_DELAY_MS: '3000', SHUTDOWN_TIMEOUT_MS: '300000' };

let simulator: Simulator | undefined;
let running: GatewayProcess[] = [];
afterEach(async () => {
  await Promise.all(running.map(endProcess));
  await simulator?.stop();
});

test('a rolling restart loses no request', async () => {
  const world = createGeneratedWorld({ seed: 1, customers: 20, tenantsPerCustomer: 2, usersPerTenant: 150 });
  const upstream = await startSimulator({ port: 0, world, latencyMs: 30, dialect: 'plural' });
  simulator = upstream;
  const start = async () => {
    const gateway = await startGatewayProcess(upstream, shutdown);
    running.push(gateway);
    return gateway;
  };
  await start();
  await start();

  const ready = new Set(running);
  const seenLeaving = new Set<GatewayProcess>();
  let isOver = false;
  const balance = async () => {
    while (!isOver) {
      for (const gateway of running) {
        const isReady = await request(`${gateway.url}/health/ready`).then(
          async ({ statusCode, body }) => {
            if (statusCode === 503) seenLeaving.add(gateway);
            await body.dump();
            return statusCode === 200;
          },
          () => false,
        );
        if (isReady) ready.add(gateway);
        else ready.delete(gateway);
      }
      await sleep(checkEveryMs);
    }
  };

  const random = createRandom(1);
  const next = createRandomOperations(world, random);
  const lost: string[] = [];
  let answered = 0;
  let refused = 0;
  const call = async () => {
    while (!isOver) {
      const { query, expected } = next();
      for (let isAnswered = false; !isAnswered;) {
        const all = [...ready];
        const gateway = all[Math.floor(random() * all.length)];
        if (gateway === undefined) throw new Error('No gateway is ready.');
        try {
          const { statusCode, headers, body } = await request(`${gateway.url}/graphql`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ query }),
          });
          const answer = (await body.json()) as GraphQLAnswer<unknown>;
          if (statusCode === 503) {
            expect(headers['retry-after']).toBe('1');
            expect(answer.errors?.[0]?.extensions['code']).toBe('SHUTTING_DOWN');
            refused += 1;
            continue;
          }
          isAnswered = true;
          lost.push(...faultsOf(answer, expected), ...(answer.errors ?? []).map(({ message }) => message));
          answered += 1;
          await sleep(pauseMs);
        } catch (error) {
          isAnswered = true;
          lost.push(String(error));
        }
      }
    }
  };

  const traffic = [balance(), ...Array.from({ length: callers }, call)];
  const left: { exitCode: number | null; complaints: string }[] = [];
  for (let replacement = 0; replacement < replacements; replacement++) {
    await sleep(500);
    const [oldest] = running;
    if (oldest === undefined) throw new Error('Two are running at any time.');
    const replacing = start();
    oldest.kill('SIGTERM');
    const exitCode = await oldest.exitCode;
    left.push({ exitCode, complaints: oldest.complaints() });
    const youngest = await replacing;
    running = running.filter((gateway) => gateway !== oldest);
    await until(() => ready.has(youngest));
  }
  await until(() => answered > 500);
  isOver = true;
  await Promise.all(traffic);

  expect(lost).toEqual([]);
  expect(left).toEqual(left.map(() => ({ exitCode: 0, complaints: '' })));
  expect(seenLeaving.size).toBe(replacements);
  process.stderr.write(`${answered} answered, ${refused} refused in words and answered by another\n`);
});
