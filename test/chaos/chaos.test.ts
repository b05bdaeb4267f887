/**
 * Thousands of random operations at once against an upstream that misbehaves. What is asked and what is spoiled follows
 * from the seed, so that a run can be repeated: CHAOS_SEED sets it.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import type { World } from '../../src/simulator/world.ts';
import type { GraphQLAnswer } from '../gateway-under-test.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import {
  createRandom,
  createRandomOperations,
  faultsOf,
  type RandomOperation,
} from '../random-operations.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? 1);

/** As load.js tells it. */
interface Response {
  readonly status: number;
  readonly text: string;
  readonly tookMs: number;
}

interface Answer {
  readonly tookMs: number;
  /** What is wrong with it by the world's own data. */
  readonly faults: readonly string[];
  readonly codes: readonly unknown[];
}

interface Run {
  readonly answers: readonly Answer[];
  /** When each call reached the upstream, those for tokens included; by `performance.now()`. */
  readonly calls: readonly number[];
}

let world: World;
let operations: readonly RandomOperation[];
let gateway: GatewayProcess | undefined;
let simulator: Simulator | undefined;
let calls: number[] = [];

beforeAll(() => {
  world = createGeneratedWorld({ seed, customers: 60, tenantsPerCustomer: 2, usersPerTenant: 220 });
  const next = createRandomOperations(world, createRandom(seed));
  operations = Array.from({ length: 2000 }, next);
});

afterEach(async () => {
  await endProcess(gateway);
  await simulator?.stop();
});

interface Setup {
  /** The share of the upstream's answers that are spoiled. */
  readonly rate: number;
  readonly operationTimeoutMs: number;
  readonly intercept?: SimulatorOptions['intercept'];
  readonly settings?: Readonly<Record<string, string>>;
}

async function start({ rate, operationTimeoutMs, intercept, settings }: Setup): Promise<GatewayProcess> {
  simulator = await startSimulator({
    port: 0,
    world,
    latencyMs: 20,
    dialect: 'plural',
    faults: { seed, rate },
    intercept: (call) => {
      calls.push(performance.now());
      return intercept?.(call);
    },
  });
  gateway = await startGatewayProcess(simulator, {
    AVEPOINT_TIMEOUT_MS: '3000',
    OPERATION_TIMEOUT_MS: String(operationTimeoutMs),
    // So that every operation is executed, and what it leaves behind is the same in each run.
    CACHE_ANSWERS_MEBIBYTES: '0',
    ...settings,
  });
  return gateway;
}

/** @param startAfterMs of an operation, by its number */
async function run(
  all: readonly RandomOperation[],
  startAfterMs: (index: number) => number = () => 0,
): Promise<Run> {
  calls = [];
  const requests = all.map(({ query }, index) => ({ query, startAfterMs: startAfterMs(index) }));
  const worker = new Worker(new URL('load.js', import.meta.url), {
    workerData: { url: gateway?.url, requests },
  });
  const [responses] = (await once(worker, 'message')) as [Response[]];
  expect(responses.filter(({ status }) => status !== 200)).toEqual([]);
  const answers = responses.map(({ text, tookMs }, index) => {
    const answer = JSON.parse(text) as GraphQLAnswer<unknown>;
    return {
      tookMs,
      faults: faultsOf(answer, all[index]?.expected),
      codes: (answer.errors ?? []).map(({ extensions }) => extensions['code']),
    };
  });
  return { answers, calls };
}

const withErrors = (answers: readonly Answer[]) => answers.filter(({ codes }) => codes.length > 0).length;

/** What holds whatever the upstream does. */
function expectTruth({ answers }: Run, operationTimeoutMs: number): void {
  expect(answers.flatMap(({ faults }) => faults)).toEqual([]);
  expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(operationTimeoutMs + 1000);
  const ownFaults = answers
    .flatMap(({ codes }) => codes)
    .filter((code) => !/^UPSTREAM_|^DEADLINE_/.test(String(code)));
  expect(ownFaults).toEqual([]);
  // Whatever it did not foresee, a rejection that nobody handles first of all, it would have complained of.
  expect(gateway?.complaints()).toBe('');
}

/** The figures of a run, which are nobody's promise. */
function report(what: string, answers: readonly Answer[]): void {
  const slowestMs = Math.max(...answers.map(({ tookMs }) => tookMs));
  process.stderr.write(`${what}; ${withErrors(answers)} with errors, slowest ${Math.round(slowestMs)} ms\n`);
}

describe('two thousand random operations at once', () => {
  const operationTimeoutMs = 20_000;
  let calm = { calls: 0, heapUsed: 0 };

  test('come back right from a calm upstream', async () => {
    const { heapUsed } = await start({ rate: 0, operationTimeoutMs });
    const first = await run(operations);
    expectTruth(first, operationTimeoutMs);
    expect(withErrors(first.answers)).toBe(0);
    const heaps = [await heapUsed()];
    expectTruth(await run(operations), operationTimeoutMs);
    heaps.push(await heapUsed());
    // Documents and plans are cached within bounds, which thousands of them fill to one degree or another.
    calm = { calls: first.calls.length, heapUsed: Math.max(...heaps) };
  }, 120_000);

  test('with 20 % of the answers spoiled, come back in time and right, null only where an error says why', async () => {
    const { heapUsed } = await start({ rate: 0.2, operationTimeoutMs });
    const first = await run(operations);
    expectTruth(first, operationTimeoutMs);
    expect(first.calls.length).toBeLessThanOrEqual(1.25 * calm.calls);
    const heaps = [await heapUsed()];
    const second = await run(operations);
    expectTruth(second, operationTimeoutMs);
    expect(withErrors(second.answers)).toBeLessThan(withErrors(first.answers) + 1);
    heaps.push(await heapUsed());
    // What is cached of the data is all that is left of the storm, and of another one.
    expect(Math.min(...heaps)).toBeLessThan(1.1 * calm.heapUsed);
    report(`20 % spoiled: ${first.calls.length} calls, calm ${calm.calls}`, first.answers);
    report('the same again', second.answers);
  }, 120_000);

  test('with 5 % of the answers spoiled, come back without any error, but for one in a thousand', async () => {
    await start({ rate: 0.05, operationTimeoutMs });
    const only = await run(operations);
    expectTruth(only, operationTimeoutMs);
    expect(only.calls.length).toBeLessThanOrEqual(1.25 * calm.calls);
    expect(withErrors(only.answers)).toBeLessThanOrEqual(operations.length / 1000);
    report(`5 % spoiled: ${only.calls.length} calls, calm ${calm.calls}`, only.answers);
  }, 120_000);
});

test('a steady stream of operations outlives an upstream that is dead for ten seconds', async () => {
  const operationTimeoutMs = 10_000;
  const perSecond = 50;
  let startedAt = Infinity;
  const [diesAfterMs, livesAfterMs, endsAfterMs] = [8000, 18_000, 30_000];
  const sinceStart = () => performance.now() - startedAt;
  await start({
    rate: 0.05,
    operationTimeoutMs,
    // So that calls are needed all the time, and what memory has can stand in.
    settings: {
      CACHE_TTL_CUSTOMERS_SECONDS: '4',
      CACHE_TTL_USERS_SECONDS: '4',
      CACHE_TTL_PROTECTION_SECONDS: '4',
      CACHE_TTL_DIRECTORY_SECONDS: '4',
      CACHE_STALE_WHILE_REVALIDATE_SECONDS: '0',
      // So that an operation outlives more than one call that hangs.
      AVEPOINT_TIMEOUT_MS: '1000',
    },
    intercept: () => (sinceStart() > diesAfterMs && sinceStart() < livesAfterMs ? 'reset' : undefined),
  });
  startedAt = performance.now();
  const all = operations.slice(0, (perSecond * endsAfterMs) / 1000);
  const { answers, calls: made } = await run(all, (index) => (index * 1000) / perSecond);
  expectTruth({ answers, calls: made }, operationTimeoutMs);

  const callsIn = (fromMs: number, toMs: number) =>
    made.filter((at) => at - startedAt >= fromMs && at - startedAt < toMs).length;
  const before = callsIn(0, diesAfterMs);
  const meanwhile = callsIn(diesAfterMs + 1000, livesAfterMs);
  // Of what the same time costs in health, a twentieth: the attempts that find out whether the upstream is back.
  expect(meanwhile).toBeLessThan(before / 20 + 40);
  const busiestSecond = (fromMs: number, toMs: number) =>
    Math.max(
      ...Array.from({ length: (toMs - fromMs) / 100 - 9 }, (_, step) =>
        callsIn(fromMs + step * 100, fromMs + step * 100 + 1000),
      ),
    );
  const busiestBefore = busiestSecond(0, diesAfterMs);
  const busiestAfter = busiestSecond(livesAfterMs, livesAfterMs + 6000);
  expect(busiestAfter).toBeLessThanOrEqual(1.5 * busiestBefore);
  const recovered = answers.slice(((livesAfterMs + 6000) * perSecond) / 1000);
  expect(withErrors(recovered)).toBeLessThanOrEqual(recovered.length / 100);
  // What memory had stands in.
  const served = answers.slice((diesAfterMs * perSecond) / 1000, (livesAfterMs * perSecond) / 1000);
  expect(withErrors(served)).toBeLessThan((served.length * 3) / 4);
  report(
    `dead for ten seconds: ${before} calls in the ${diesAfterMs / 1000} s before, ${meanwhile} meanwhile; at most ${busiestBefore} in a second before, ${busiestAfter} after`,
    answers,
  );
}, 120_000);
