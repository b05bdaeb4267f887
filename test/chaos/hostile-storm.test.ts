/**
 * Storms of hostile requests, kind by kind, against a process with half a gibibyte of heap: each request is answered,
 * health as well all the time, and nothing is left behind. HOSTILE_STORM_REQUESTS=1000 makes them storms of a thousand,
 * each in a process of its own, and prints a table; CI plays a few of each kind.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { exchange, livenessMs } from '../http-exchange.ts';
import { judgementOf } from '../request-forms.ts';
import { stormSize } from '../storms.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { createWorldOf, userRow, worldOfTenant } from '../world-of.ts';
import { hostileKinds, type HostileKind } from './hostile-requests.ts';

const defaultCount = stormSize(24, 12);
const count = Number(process.env['HOSTILE_STORM_REQUESTS'] ?? defaultCount);
const isFull = count > defaultCount;
const atOnce = 4;
/** Of the processor, on average for one request of a kind; several times what a slow machine needs. */
const maxCpuMs = isFull ? 1000 : 500;
const maxGrowthMebibytes = 100;

interface Storm {
  readonly kind: string;
  readonly requests: number;
  readonly maxMs: number;
  readonly maxLiveMs: number;
  readonly cpuMs: number;
  readonly rssBefore: number;
  readonly rssAfter: number;
}
const storms: Storm[] = [];

let gateway: GatewayProcess | undefined;
let simulator: Simulator | undefined;
afterAll(async () => {
  await endProcess(gateway);
  await simulator?.stop();
  if (storms.length > 0 && isFull) process.stderr.write(tableOf(storms));
});

async function start(): Promise<GatewayProcess> {
  const users = Array.from({ length: 1000 }, (_, index) =>
    userRow({ id: `u${index}`, displayName: `User ${index}` }),
  );
  simulator ??= await startSimulator({
    port: 0,
    world: createWorldOf(worldOfTenant({ users, protection: [] })),
    latencyMs: 0,
    dialect: 'plural',
  });
  return startGatewayProcess(simulator, {
    NODE_OPTIONS: '--max-old-space-size=512',
    SHUTDOWN_DELAY_MS: '0',
    SHUTDOWN_TIMEOUT_MS: '5000',
  });
}

/** Whether a storm has failed in the process that runs, which may then still be busy with it. */
let isSpoiled = false;

/** The process of the storm before; a new one if that has ended or is spoiled, or each kind has its own. */
async function runningProcess(): Promise<GatewayProcess> {
  const hasEnded =
    gateway !== undefined && (await Promise.race([gateway.exitCode.then(() => true), sleep(0, false)]));
  if (gateway !== undefined && !hasEnded && !isSpoiled && !isFull) return gateway;
  await endProcess(gateway);
  gateway = await start();
  isSpoiled = false;
  return gateway;
}

/** What is wrong with the answer of one request; null if nothing is. */
async function faultOf(
  url: string,
  { mayAnswer = false, sent }: HostileKind,
  index: number,
): Promise<string | null> {
  const answer = await exchange(url, sent(index)).catch((error: unknown) => String(error).slice(0, 300));
  if (typeof answer === 'string') return answer;
  const { status, text } = answer;
  const shown = `${status} ${text.slice(0, 200)}`;
  if (text.includes('INTERNAL_SERVER_ERROR')) return `the gateway’s fault: ${shown}`;
  if (status >= 400 && status < 500) return null;
  if (status !== 200 && !(mayAnswer && status < 300) && status !== 503)
    return `neither refused nor answered: ${shown}`;
  if (mayAnswer) return null;
  try {
    if (judgementOf(answer).codes.length > 0) return null;
  } catch {
    // Below.
  }
  return `no error: ${shown}`;
}

/** After a collection, so that it is what is held and not what is yet to be collected. */
async function settledRss(running: GatewayProcess): Promise<number> {
  await running.heapUsed();
  await running.heapUsed();
  return running.residentMebibytes();
}

interface Played {
  readonly faults: readonly string[];
  readonly maxMs: number;
}

async function play(url: string, kind: HostileKind, from: number, to: number): Promise<Played> {
  const faults: string[] = [];
  let [next, maxMs] = [from, 0];
  const client = async () => {
    // A process that fails them all would take the time of each.
    while (next < to && faults.length < 3) {
      const index = next++;
      const since = performance.now();
      const fault = await faultOf(url, kind, index);
      maxMs = Math.max(maxMs, performance.now() - since);
      if (fault !== null) faults.push(`request ${index}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return { faults, maxMs };
}

/** Asks for health again and again until it is stopped. */
function watchHealth(
  url: string,
): () => Promise<{ readonly faults: readonly string[]; readonly maxMs: number }> {
  const faults: string[] = [];
  const over = new AbortController();
  let maxMs = 0;
  const watching = (async () => {
    while (!over.signal.aborted) {
      const since = performance.now();
      const status = await exchange(url, { method: 'GET', target: '/health/live' }).then(
        (answer) => String(answer.status),
        String,
      );
      maxMs = Math.max(maxMs, performance.now() - since);
      if (status !== '200') faults.push(`health: ${status}`);
      await sleep(20);
    }
  })();
  return async () => {
    over.abort();
    await watching;
    return { faults, maxMs };
  };
}

/** Null if the signal ends the process as it should, with requests of these kinds under way. */
async function faultOfEnding(running: GatewayProcess, kinds: readonly HostileKind[]): Promise<string | null> {
  const underWay = kinds.flatMap((kind) =>
    Array.from({ length: 3 }, (_, index) => exchange(running.url, kind.sent(index)).catch(() => null)),
  );
  await sleep(50);
  running.kill('SIGTERM');
  const code = await Promise.race([running.exitCode, sleep(livenessMs, 'still running', { ref: false })]);
  if (code !== 0) running.kill('SIGKILL');
  await Promise.all(underWay);
  return code === 0
    ? null
    : `SIGTERM with ${kinds.map(({ name }) => name).join()} under way: ${String(code)}`;
}

describe(`${count} requests of a kind are each answered, and leave nothing behind`, () => {
  test.each(hostileKinds.map((kind) => [kind.name, kind] as const))(
    '%s',
    async (name, kind) => {
      const running = await runningProcess();
      isSpoiled = true;
      const requests = Math.max(4, Math.ceil((count * (kind.percent ?? 100)) / 100));
      const warmUp = Math.ceil(requests / (isFull ? 5 : 2));
      const stopWatching = watchHealth(running.url);
      const first = await play(running.url, kind, 0, warmUp);
      // Of a process that has ended, there is nothing to measure.
      if (first.faults.length > 0) {
        const { faults } = await stopWatching();
        expect({
          name,
          faults: [...first.faults, ...faults].slice(0, 5),
          complaints: running.complaints().slice(0, 500),
        }).toEqual({ name, faults: [], complaints: '' });
      }
      const [rssBefore, cpuBefore] = [await settledRss(running), await running.cpuMs()];
      const storm = await play(running.url, kind, warmUp, warmUp + requests);
      const health = await stopWatching();
      expect({ name, faults: [...storm.faults, ...health.faults].slice(0, 5) }).toEqual({ name, faults: [] });
      const cpuMs = ((await running.cpuMs()) - cpuBefore) / requests;
      const rssAfter = await settledRss(running);
      storms.push({
        kind: name,
        requests,
        maxMs: storm.maxMs,
        maxLiveMs: health.maxMs,
        cpuMs,
        rssBefore,
        rssAfter,
      });
      expect({ name, growth: Math.max(0, rssAfter - rssBefore - maxGrowthMebibytes) }).toEqual({
        name,
        growth: 0,
      });
      expect({ name, cpuMs: Math.max(0, cpuMs - maxCpuMs) }).toEqual({ name, cpuMs: 0 });
      expect(running.complaints()).toBe('');
      if (isFull) expect(await faultOfEnding(running, [kind])).toBeNull();
      isSpoiled = false;
    },
    isFull ? 3_600_000 : 900_000,
  );
});

test('SIGTERM ends the process in time with all of them under way', async () => {
  expect(await faultOfEnding(await runningProcess(), hostileKinds)).toBeNull();
});

function tableOf(all: readonly Storm[]): string {
  const rows = all.map(({ kind, requests, ...figures }) => [
    kind.padEnd(45),
    ...[requests, ...Object.values(figures)].map((figure) => figure.toFixed(0).padStart(9)),
  ]);
  const head = [
    'kind'.padEnd(45),
    ...['requests', 'max ms', 'live ms', 'cpu ms', 'RSS from', 'RSS to'].map((it) => it.padStart(9)),
  ];
  return `${[head, ...rows].map((row) => row.join(' ')).join('\n')}\n`;
}
