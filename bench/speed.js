/** Side by side, in one run, over the embedded simulation in a process of its own. Prints tables: `npm run bench`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { operationsOf } from './servers/operations.js';

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const here = fileURLToPath(new URL('.', import.meta.url));
const seconds = Number(process.env.SECONDS_EACH ?? 3);
const dialect = process.env.DIALECT ?? 'plural';
const only = process.argv.slice(2);

/** Before the gateway's file: those that `npm start` gives Node. */
const gatewayFlags = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  .scripts.start.split(' ')
  .filter((word) => word.startsWith('--'));

const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

function start(file, env, flags = []) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...flags, file], {
    cwd: here,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  // It has said why.
  const fail = () => {
    process.stderr.write(`${file} did not start.\n`);
    process.exit(1);
  };
  const ready = new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      // A gateway writes a line for each operation.
      if (env.PORT !== undefined) return;
      output += data;
      if (output.endsWith('\n')) resolve(output.trim());
    });
    // What is told to keep silent says nothing of being ready either.
    if (env.PORT !== undefined) whenReady(`http://127.0.0.1:${env.PORT}`).then(resolve, reject);
    child.once('exit', fail);
  });
  return ready.then((line) => ({
    line,
    tookMs: performance.now() - startedAt,
    stop: () =>
      new Promise((resolve) => {
        child.off('exit', fail);
        child.once('exit', resolve);
        child.kill('SIGKILL');
      }),
    residentMiB: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
  }));
}

async function whenReady(url) {
  for (;;) {
    const response = await fetch(`${url}/health/ready`).catch(() => null);
    if (response?.ok) return `ready: ${url}/graphql`;
    await sleep(5);
  }
}

const urlOf = ({ line }) => /ready: (\S+)/.exec(line)[1];

const gatewaySettings = { PORT: process.env.PORT ?? '4123', MAX_UPSTREAM_CALLS: '100000' };
const noMemory = { CACHE_MAX_MEBIBYTES: '0' };
const servers = {
  gateway: { file: '../dist/main.js', env: gatewaySettings },
  'gateway, rows alone': {
    file: '../dist/main.js',
    env: { ...gatewaySettings, CACHE_ANSWERS_MEBIBYTES: '0' },
  },
  'gateway, no log and no metrics': {
    file: '../dist/main.js',
    env: { ...gatewaySettings, LOG_LEVEL: 'warn', METRICS: 'off' },
  },
  'gateway, cold': { file: '../dist/main.js', env: { ...gatewaySettings, ...noMemory } },
  apollo: { file: 'servers/apollo.js', env: {} },
  mercurius: { file: 'servers/mercurius.js', env: {} },
  yoga: { file: 'servers/yoga.js', env: {} },
  hive: { file: 'servers/hive.js', env: {} },
  floor: { file: 'servers/floor.js', env: {} },
  'the same bytes': { file: 'servers/bytes.js', env: {}, isTaught: true },
  'floor, rows in memory': { file: 'servers/floor.js', env: { ROWS_IN_MEMORY: '1' } },
};

async function ask(url, { query, variables }) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return response.text();
}

async function measure(url, { query, variables }, connections, duration) {
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    connections,
    duration,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} were not 200, ${result.errors} failed.`);
  return { perSecond: result['2xx'] / result.duration, p50: result.latency.p50, p99: result.latency.p99 };
}

for (const latencyMs of process.env.LATENCIES?.split(',') ?? ['0']) {
  const upstream = await start('servers/upstream.js', { LATENCY_MS: latencyMs, DIALECT: dialect });
  const { counter, small, wide, ...credentials } = JSON.parse(upstream.line);
  const operations = operationsOf({ small, wide });
  const countOf = async () => Number(await (await fetch(counter)).text());
  const expected = {};
  for (const [name, { file, env, isTaught }] of Object.entries(servers)) {
    if (only.length > 0 && !only.some((each) => name.includes(each))) continue;
    const flags = name.startsWith('gateway') ? gatewayFlags : [];
    const server = await start(file, { ...credentials, ...env }, flags);
    const url = urlOf(server);
    const wrong = new Set();
    for (const [operation, body] of Object.entries(operations)) {
      if (isTaught) {
        await fetch(new URL('/learn', url), {
          method: 'POST',
          body: JSON.stringify({ question: JSON.stringify(body), answer: expected[operation] }),
        });
      }
      const text = JSON.stringify(JSON.parse(await ask(url, body)));
      expected[operation] ??= text;
      if (text !== expected[operation]) {
        console.log(
          `${name} ${operation} differs:\n${text.slice(0, 600)}\n${expected[operation].slice(0, 600)}`,
        );
        wrong.add(operation);
        process.exitCode = 1;
      }
    }
    for (const connections of (process.env.CONNECTIONS ?? '1,32').split(',').map(Number)) {
      for (const [operation, body] of Object.entries(operations)) {
        if (wrong.has(operation)) continue;
        const warm = await measure(url, body, connections, seconds);
        // Of what takes seconds, some must come to its end.
        const duration = warm.perSecond * seconds < 3 * connections ? 5 * seconds : seconds;
        const before = await countOf();
        const { perSecond, p50, p99 } = await measure(url, body, connections, duration);
        const calls = (await countOf()) - before;
        console.log(
          [
            name.padEnd(24),
            operation.padEnd(7),
            `${latencyMs} ms`,
            `${connections} connections`,
            `${perSecond.toFixed(perSecond < 10 ? 1 : 0).padStart(6)}/s`,
            `p50 ${p50} p99 ${p99}`,
            `${(calls / (perSecond * duration)).toFixed(2)} calls`,
            `${server.residentMiB().toFixed(0)} MiB`,
          ].join('  '),
        );
      }
    }
    await server.stop();
  }
  await upstream.stop();
}
