/**
 * Measures servers side by side over one upstream of finished pages. Each server's answers are compared with the
 * floor's before it is timed. Prints the Markdown tables of the README, and progress to the standard error: `npm run
 * bench`.
 */
import { availableParallelism, cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { load } from './load.js';
import { canPin, otherCore, pin, serverCore, start } from './processes.js';
import { servers } from './servers.js';
import { operationsOf } from './servers/operations.js';
import { tableOf } from './tables.js';

const seconds = Number(process.env.SECONDS_EACH ?? 3);
const dialect = process.env.DIALECT ?? 'plural';
const latencies = (process.env.LATENCIES ?? '0').split(',');
const connectionCounts = (process.env.CONNECTIONS ?? '1,32').split(',').map(Number);
const wanted = process.argv.slice(2);
const chosen = Object.entries(servers).filter(
  ([name]) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
if (chosen.length === 0) {
  console.error(`No server has such a name. There are:\n${Object.keys(servers).join('\n')}`);
  process.exit(1);
}

/** Time to compare answers of one operation, which fills a server's caches; the first batch is always compared. */
const comparingMs = 5000;
/** Slow operations get more time, so that some complete. */
const slowSeconds = Math.max(15, 5 * seconds);
/** Share of pages that the simulation may compute during a measurement; beyond it, the measurement is repeated. */
const maxComputed = 0.01;
const maxAttempts = 3;
/** Concurrent requests before the timing. */
const questionsAtOnce = 16;

const progress = (...words) => console.error(`[${Math.round(performance.now() / 1000)} s]`, ...words);

async function ask(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return response.json();
}

async function askAll(url, bodies) {
  const answers = [];
  for (let first = 0; first < bodies.length; first += questionsAtOnce) {
    const batch = bodies.slice(first, first + questionsAtOnce);
    answers.push(...(await Promise.all(batch.map((body) => ask(url, body)))));
  }
  return answers;
}

const bodiesOf = (operations) =>
  Object.fromEntries(
    Object.entries(operations).map(([operation, requests]) => [
      operation,
      requests.map((request) => JSON.stringify(request)),
    ]),
  );

const startUpstream = (latencyMs) =>
  start('servers/upstream.js', { LATENCY_MS: latencyMs, DIALECT: dialect }, { core: otherCore });

/** Gets the floor's answer to every request, which also fills the upstream's store. */
async function askFloor(settings, bodies) {
  const floor = await start('servers/floor.js', { ...settings, ROWS_IN_MEMORY: '1' }, { core: serverCore });
  const expected = {};
  for (const [operation, list] of Object.entries(bodies)) expected[operation] = await askAll(floor.url, list);
  await floor.stop();
  return expected;
}

/** Measures the upstream's answers per second on its own core, and per second of its processor time. */
async function measureUpstream() {
  const upstream = await start('servers/upstream.js', { DIALECT: dialect }, { core: serverCore });
  const { settings, samples } = JSON.parse(upstream.line);
  const token = await fetch(settings.AVEPOINT_TOKEN_URL, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: settings.AVEPOINT_CLIENT_ID,
      client_secret: settings.AVEPOINT_CLIENT_SECRET,
      scope: 'elements.um.user.read.all',
    }),
  });
  const { access_token: accessToken } = await token.json();
  const { customerId, tenantId } = samples.tenants[0];
  const cpuBefore = upstream.cpuSeconds();
  const { perSecond, answers } = await load(
    `${settings.AVEPOINT_API_URL}/partner/external/v3/um/customers/${customerId}/tenants/${tenantId}/users/batch?pageIndex=1&pageSize=100`,
    {
      requests: ['{}'],
      connections: 32,
      seconds: Math.max(2, seconds),
      extraHeaders: { authorization: `Bearer ${accessToken}` },
    },
  );
  const perCpuSecond = answers / (upstream.cpuSeconds() - cpuBefore);
  await upstream.stop();
  return { perSecond, perCpuSecond };
}

async function teach(url, bodies, expected) {
  for (const [operation, list] of Object.entries(bodies)) {
    for (const [index, question] of list.entries()) {
      const answer = JSON.stringify(expected[operation][index]);
      await fetch(new URL('/learn', url), { method: 'POST', body: JSON.stringify({ question, answer }) });
    }
  }
}

/** Compares answers with the floor's. */
async function isRight(name, operation, url, { bodies, expected, shape }) {
  const startedAt = performance.now();
  for (let first = 0; first < bodies.length; first += questionsAtOnce) {
    if (first > 0 && performance.now() - startedAt > comparingMs) break;
    const answers = await askAll(url, bodies.slice(first, first + questionsAtOnce));
    for (const [index, answer] of answers.entries()) {
      const shaped = shape === undefined ? answer : shape(answer);
      if (isDeepStrictEqual(shaped, expected[first + index])) continue;
      progress(`${name}, ${operation} differs:\n${JSON.stringify(shaped).slice(0, 600)}`);
      progress(`the floor:\n${JSON.stringify(expected[first + index]).slice(0, 600)}`);
      process.exitCode = 1;
      return false;
    }
  }
  return true;
}

/** Waits until a server has finished abandoned requests: no call came for a while. */
async function settled(countOf) {
  const startedAt = performance.now();
  for (let last = await countOf(); ;) {
    await sleep(300);
    const now = await countOf();
    if (now.calls === last.calls || performance.now() - startedAt > 1000 * slowSeconds) return now;
    last = now;
  }
}

/** Measures one cell of the tables, after a warm-up of the same length. */
async function measure(server, countOf, { bodies, expected, shape }, connections, attempt = 1) {
  // Answers of another shape have no length to compare with.
  const minBytes = shape
    ? 0
    : Math.min(...expected.map((answer) => Buffer.byteLength(JSON.stringify(answer))));
  const run = (duration) => load(server.url, { requests: bodies, connections, seconds: duration, minBytes });
  const warm = await run(seconds);
  const duration = warm.perSecond * seconds < 3 * connections ? slowSeconds : seconds;
  const before = await settled(countOf);
  const cpuBefore = server.cpuSeconds();
  const result = await run(duration);
  const cpuAfter = server.cpuSeconds();
  const after = await settled(countOf);
  const [calls, computed] = [after.calls - before.calls, after.computed - before.computed];
  if (computed > maxComputed * calls) {
    progress(`The simulation had to compute ${computed} of ${calls} pages.`);
    if (attempt < maxAttempts)
      return measure(server, countOf, { bodies, expected, shape }, connections, attempt + 1);
  }
  return {
    perSecond: result.perSecond,
    p50: result.p50,
    p99: result.p99,
    callsEach: calls / result.sent,
    cpuPercent: (100 * (cpuAfter - cpuBefore)) / result.seconds,
    residentMiB: server.residentMiB(),
  };
}

async function measureServer(name, { file, flags, env, isTaught, operationsOf: ownOperationsOf }, upstream) {
  const { settings, samples, countOf, expected, bodies } = upstream;
  const server = await start(file, { ...settings, ...env }, { core: serverCore, flags }).catch((error) => {
    progress(`${name} did not start: ${error.message}`);
    process.exitCode = 1;
    return null;
  });
  if (server === null) return [];
  if (isTaught) await teach(server.url, bodies, expected);
  const own = ownOperationsOf?.(samples, dialect);
  const cells = [];
  for (const operation of Object.keys(bodies)) {
    if (own && own[operation] === undefined) continue;
    const question = {
      bodies: own ? own[operation].requests.map((request) => JSON.stringify(request)) : bodies[operation],
      shape: own?.[operation].shape,
      expected: expected[operation],
    };
    if (!(await isRight(name, operation, server.url, question))) continue;
    for (const connections of connectionCounts) {
      const cell = await measure(server, countOf, question, connections).catch((error) => {
        progress(`${name}, ${operation}, ${connections} connections failed: ${error.message}`);
        process.exitCode = 1;
        return null;
      });
      if (cell === null) continue;
      cells.push({ server: name, operation, connections, ...cell });
      progress(
        `${name}, ${operation}, ${connections} connections: ${cell.perSecond.toFixed(1)}/s, ${cell.callsEach.toFixed(2)} calls each`,
      );
    }
  }
  await server.stop();
  return cells;
}

const cores = availableParallelism();
pin(process.pid, otherCore);
const alone = await measureUpstream();
console.log(
  `Node.js ${process.versions.node}, ${cores} cores (${cpus()[0].model}), ${canPin ? 'each server pinned to one, upstream and load to another' : 'not pinned'}; ${dialect} dialect, ${seconds} s each. The upstream alone: ${Math.round(alone.perSecond)} calls/s, ${Math.round(alone.perCpuSecond)} a second of its CPU.\n`,
);
for (const latencyMs of latencies) {
  const upstreamProcess = await startUpstream(latencyMs);
  const { settings, counter, samples } = JSON.parse(upstreamProcess.line);
  const bodies = bodiesOf(operationsOf(samples));
  const expected = await askFloor(settings, bodies);
  const countOf = async () => (await fetch(counter)).json();
  const upstream = { settings, samples, countOf, expected, bodies };
  const cells = [];
  for (const [name, server] of chosen) cells.push(...(await measureServer(name, server, upstream)));
  for (const connections of connectionCounts) {
    const wait = latencyMs === '0' ? 'without latency' : `of ${latencyMs} ms`;
    console.log(
      `${connections} connection${connections === 1 ? '' : 's'}, upstream ${wait}, ${dialect} dialect:\n`,
    );
    console.log(
      `${tableOf(
        Object.keys(bodies),
        cells.filter((cell) => cell.connections === connections),
      )}\n`,
    );
  }
  await upstreamProcess.stop();
}
