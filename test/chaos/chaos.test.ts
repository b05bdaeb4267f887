/**
 * Hundreds of random operations at once against an upstream that misbehaves. What is asked and what is spoiled follows
 * from the seed, so that a run can be repeated: CHAOS_SEED sets it.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEntry } from '../../src/server/observability/audit-entry.ts';
import { createFaults } from '../../src/simulator/faults.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import type { World } from '../../src/simulator/world.ts';
import type { GraphQLAnswer } from '../gateway-under-test.ts';
import {
  complaintsOfItself,
  endProcess,
  startGatewayProcess,
  type GatewayProcess,
} from '../gateway-process.ts';
import { threadBusyMs } from '../cpu-time.ts';
import { stormSize } from '../storms.ts';
import { until } from '../until.ts';
import {
  createRandom,
  createRandomOperations,
  faultsOf,
  type RandomOperation,
} from '../random-operations.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? 1);
/** Endpoints of the upstream, the token's included. */
const endpoints = 5;
const maxConcurrentCalls = 128;

/** As load.js reports it. */
interface Response {
  readonly status: number;
  readonly text: string;
}

interface Answer {
  /** What is wrong with it by the world's own data. */
  readonly faults: readonly string[];
  readonly codes: readonly unknown[];
}

interface Run {
  readonly answers: readonly Answer[];
  /** Calls that reached the upstream, for tokens too. */
  readonly calls: number;
  /** Calls whose answers were spoiled. */
  readonly spoiled: number;
}

let world: World;
let operations: readonly RandomOperation[];
let gateway: GatewayProcess | undefined;
let simulator: Simulator | undefined;
let calls = 0;
let spoiled = 0;

beforeAll(() => {
  world = createGeneratedWorld({
    seed,
    customers: 60,
    tenantsPerCustomer: 2,
    usersPerTenant: stormSize(220, 60),
  });
  const next = createRandomOperations(world, createRandom(seed));
  operations = Array.from({ length: stormSize(2000, 460) }, next);
});

afterEach(async () => {
  await endProcess(gateway);
  await simulator?.stop();
});

interface Setup {
  /** The share of the upstream's answers that are spoiled. */
  readonly rate: number;
  readonly intercept?: SimulatorOptions['intercept'];
  readonly settings?: Readonly<Record<string, string>>;
}

async function start({ rate, intercept, settings }: Setup): Promise<GatewayProcess> {
  const unspoiled = { status: 200, headers: {}, body: '{}' };
  // Faults depend on the call and its repetitions alone, so that these are those of the simulator.
  const sameFaults = createFaults({ seed, rate });
  simulator = await startSimulator({
    port: 0,
    world,
    latencyMs: 20,
    dialect: 'plural',
    faults: { seed, rate },
    intercept: (call) => {
      calls += 1;
      if (sameFaults(call, unspoiled) !== unspoiled) spoiled += 1;
      return intercept?.(call);
    },
  });
  gateway = await startGatewayProcess(simulator, {
    // For the calls that hang: a busy machine takes seconds for many others.
    AVEPOINT_TIMEOUT_MS: String(stormSize(9000, 5000)),
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
  calls = 0;
  spoiled = 0;
  const requests = all.map(({ query }, index) => ({ query, startAfterMs: startAfterMs(index) }));
  const worker = new Worker(new URL('load.js', import.meta.url), {
    workerData: { url: gateway?.url, requests },
  });
  const [responses] = (await once(worker, 'message')) as [Response[]];
  expect(responses.filter(({ status }) => status !== 200)).toEqual([]);
  const answers = responses.map(({ text }, index) => {
    const answer = JSON.parse(text) as GraphQLAnswer<unknown>;
    return {
      faults: faultsOf(answer, all[index]?.expected),
      codes: (answer.errors ?? []).map(({ extensions }) => extensions['code']),
    };
  });
  return { answers, calls, spoiled };
}

const withErrors = (answers: readonly Answer[]) => answers.filter(({ codes }) => codes.length > 0).length;

/** What holds whatever the upstream does. */
function expectTruth({ answers }: Run): void {
  expect(answers.flatMap(({ faults }) => faults)).toEqual([]);
  const ownFaults = answers
    .flatMap(({ codes }) => codes)
    .filter((code) => !String(code).startsWith('UPSTREAM_'));
  expect(ownFaults).toEqual([]);
  // Standard error shows what the gateway does not foresee, such as an unhandled rejection.
  expect(complaintsOfItself(gateway)).toEqual([]);
}

/**
 * A spoiled answer costs one further call at most, but for operations that come at other times and so share fewer calls.
 * The bound of all calls holds for thousands: of some hundreds, chance spoils more than a fifth.
 */
function expectFewCalls({ calls, spoiled }: Run, calmCalls: number, most = 1.25): void {
  expect(calls - spoiled).toBeLessThanOrEqual(1.1 * calmCalls);
  expect(calls).toBeLessThanOrEqual(most * calmCalls);
}

/** Logs the figures of a run; they are not asserted. */
function report(what: string, answers: readonly Answer[]): void {
  process.stderr.write(`${what}; ${withErrors(answers)} with errors\n`);
}

describe('hundreds of random operations at once', () => {
  const crowd = () => operations.slice(0, stormSize(2000, 460));
  let calmCalls = 0;

  test('come back right from a calm upstream', async () => {
    await start({ rate: 0 });
    const only = await run(crowd());
    expectTruth(only);
    expect(withErrors(only.answers)).toBe(0);
    calmCalls = only.calls;
  });

  test('with 20 % of the answers spoiled, come back right, null only where an error says why', async () => {
    await start({ rate: 0.2 });
    const first = await run(crowd());
    expectTruth(first);
    expectFewCalls(first, calmCalls, stormSize(1.25, 1.5));
    const second = await run(crowd());
    expectTruth(second);
    // Of a few hundred operations, the first storm may leave none with errors by chance.
    expect(withErrors(second.answers)).toBeLessThanOrEqual(
      Math.max(withErrors(first.answers), stormSize(0, 460 / 100)),
    );
    report(`20 % spoiled: ${first.calls} calls, ${first.spoiled} spoiled, calm ${calmCalls}`, first.answers);
    report('the same again', second.answers);
  });

  test('with 5 % of the answers spoiled, come back without any error, but for one in a thousand', async () => {
    await start({ rate: 0.05 });
    const only = await run(crowd());
    expectTruth(only);
    expectFewCalls(only, calmCalls);
    expect(withErrors(only.answers)).toBeLessThanOrEqual(crowd().length / 1000);
    report(`5 % spoiled: ${only.calls} calls, calm ${calmCalls}`, only.answers);
  });
});

test('operations whose calls hang are answered by their deadline, but for the time that the event loop is busy', async () => {
  const timeoutMs = 5000;
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const file = join(folder, 'audit');
  let reached = 0;
  const { pid } = await start({
    rate: 0,
    // The patience for calls is far longer.
    settings: { OPERATION_TIMEOUT_MS: String(timeoutMs), AVEPOINT_TIMEOUT_MS: '600000', AUDIT_FILE: file },
    intercept: ({ path }) => (path !== '/connect/token' && ++reached % 3 === 0 ? 'hang' : undefined),
  });
  const some = operations.slice(0, stormSize(400, 200));
  const busyBefore = threadBusyMs(pid);
  const { answers } = await run(some);
  const busyMs = threadBusyMs(pid) - busyBefore;
  expect(answers.flatMap(({ faults }) => faults)).toEqual([]);
  const codes = new Set(answers.flatMap(({ codes: each }) => each));
  expect([...codes]).toEqual(['DEADLINE_EXCEEDED']);
  let lines: string[] = [];
  await until(() => (lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)).length === some.length);
  rmSync(folder, { recursive: true });
  const durations = lines.map((line) => (JSON.parse(line) as AuditEntry).durationMs);
  const maxMs = Math.max(...durations);
  expect({ maxMs, lateMs: Math.max(0, maxMs - timeoutMs - busyMs) }).toEqual({ maxMs, lateMs: 0 });
  report(`calls that hang: ${Math.round(maxMs)} ms at most, ${Math.round(busyMs)} ms busy`, answers);
  expect(complaintsOfItself(gateway)).toEqual([]);
});

test('a storm leaves nothing behind but what is cached, and another one nothing at all', async () => {
  // So few that all their documents and plans are cached, which are a part of the heap that then stays the same.
  const some = operations.slice(0, stormSize(400, 100));
  /** In mebibytes: once the caches are full, and after the storms. */
  const heapsOf = async (rate: number, storms: number) => {
    const { heapUsed } = await start({ rate, settings: { AVEPOINT_TIMEOUT_MS: '3000' } });
    const settled = async () => {
      await heapUsed();
      return (await heapUsed()) / 1024 / 1024;
    };
    for (let warmUp = 0; warmUp < 3; warmUp++) expectTruth(await run(some));
    const before = await settled();
    for (let storm = 0; storm < storms; storm++) expectTruth(await run(some));
    const after = await settled();
    await endProcess(gateway);
    await simulator?.stop();
    return { before, after };
  };
  const calm = await heapsOf(0, stormSize(5, 0));
  const stormy = await heapsOf(0.2, 5);
  process.stderr.write(
    `heaps in MiB: calm ${calm.before.toFixed(1)} to ${calm.after.toFixed(1)}, with 20 % spoiled ${stormy.before.toFixed(1)} to ${stormy.after.toFixed(1)}\n`,
  );
  // Ten kilobytes an operation would come to 5 MiB in five storms of a hundred.
  expect(stormy.after - stormy.before).toBeLessThan(stormSize(8, 4));
  expect(stormy.after).toBeLessThan(1.1 * calm.after);
});

test('a steady stream of operations outlives an upstream that is dead for a while', async () => {
  const perSecond = stormSize(50, 20);
  let isDead = false;
  const running = await start({
    rate: 0.05,
    // So that calls are needed all the time, and what memory has can stand in.
    settings: {
      CACHE_TTL_CUSTOMERS_SECONDS: '4',
      CACHE_TTL_USERS_SECONDS: '4',
      CACHE_TTL_PROTECTION_SECONDS: '4',
      CACHE_TTL_DIRECTORY_SECONDS: '4',
      CACHE_STALE_WHILE_REVALIDATE_SECONDS: '0',
      AVEPOINT_MAX_CONCURRENT_CALLS: String(maxConcurrentCalls),
    },
    intercept: () => (isDead ? 'reset' : undefined),
  });
  /** So many seconds' worth of the stream, until the last of it is answered. */
  const stream = async (fromSecond: number, toSecond: number) => {
    const part = operations.slice(fromSecond * perSecond, toSecond * perSecond);
    const since = performance.now();
    const streamed = await run(part, (index) => (index * 1000) / perSecond);
    expectTruth(streamed);
    return { ...streamed, seconds: (performance.now() - since) / 1000 };
  };
  const before = await stream(0, 5);
  isDead = true;
  const meanwhile = await stream(5, 13);
  // Those that may be under way at once, and then of each endpoint the attempts that find out whether it is back: three
  // after a second, after two more, and then every three seconds.
  const attempts = endpoints * (2 * 3 + meanwhile.seconds);
  expect(meanwhile.calls).toBeLessThan(maxConcurrentCalls + attempts);
  // What memory had stands in.
  expect(withErrors(meanwhile.answers)).toBeLessThan((meanwhile.answers.length * 3) / 4);

  isDead = false;
  const back = await stream(13, 18);
  // No crowd has waited for it: an operation costs no more than after the start, when nothing was cached either.
  expect(back.calls / back.answers.length).toBeLessThanOrEqual((1.5 * before.calls) / before.answers.length);
  await until(async () => {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
      body: JSON.stringify({ query: '{ customers { totalCount } directory { customerId } }' }),
    });
    return ((await response.json()) as GraphQLAnswer<unknown>).errors === undefined;
  });
  const recovered = await stream(18, 23);
  expect(withErrors(recovered.answers)).toBeLessThanOrEqual(recovered.answers.length / 100);
  report(
    `dead for ${meanwhile.seconds.toFixed(0)} s: ${before.calls} calls for ${before.answers.length} operations before, ${meanwhile.calls} meanwhile, ${back.calls} for ${back.answers.length} after`,
    recovered.answers,
  );
});
