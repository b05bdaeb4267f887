/**
 * Reports on estates of growing size, over the embedded simulation in the gateway's own process, while somebody goes on
 * asking for something small. Prints a table: `npm run bench:report`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-sse';

/** About 10,000, 100,000, 200,000, 400,000 and a million users, of 500 a tenant on average. */
const estates = (process.env.CUSTOMERS ?? '11,110,220,440,1100').split(',').map(Number);
const latencyMs = process.env.LATENCY ?? '20';

const start = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).scripts.start;
const small = { query: '{ customers(first: 5) { nodes { organization countryOrRegion } } }' };
const report = `subscription {
  protectionReport {
    progress { tenantsTotal usersDone calls }
    totals { userCount isComplete }
  }
}`;

console.log(
  `Upstream latency ${latencyMs} ms, Node.js ${process.version}\n\n| users | tenants | calls | seconds | µs a user | again | resident, MiB | small query p50, ms | p99, ms |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`,
);
for (const customers of estates) await measure(customers);

async function measure(customers) {
  const [command, ...args] = start.replace(/^exec /, '').split(' ');
  const child = spawn(command, args, {
    cwd: new URL('..', import.meta.url),
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      SIMULATOR_CUSTOMERS: String(customers),
      SIMULATOR_USERS: '500',
      SIMULATOR_LATENCY_MS: latencyMs,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const fail = () => {
    // It has said why.
    process.stderr.write('The gateway did not start: check CUSTOMERS and LATENCY.\n');
    process.exit(1);
  };
  child.once('exit', fail);
  const [line] = await once(child.stdout, 'data');
  child.off('exit', fail);
  const url = /ready: ([^\s"]+)/.exec(String(line))[1];
  const resident = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024;
  await ask(url);

  let isDone = false;
  let peak = 0;
  const times = [];
  const probing = (async () => {
    while (!isDone) {
      const startedAt = performance.now();
      await ask(url);
      times.push(performance.now() - startedAt);
      peak = Math.max(peak, resident());
      await sleep(5);
    }
  })();
  const first = await run(url);
  // Once more from the upstream, by code that is warm.
  const again = await run(url, { 'cache-control': 'no-cache' });
  isDone = true;
  await probing;
  child.kill('SIGKILL');

  const { progress, totals } = first;
  times.sort((left, right) => left - right);
  const quantile = (share) => times[Math.floor(times.length * share)].toFixed(1);
  const number = (value) => value.toLocaleString('en');
  console.log(
    `| ${[
      number(totals.userCount),
      number(progress.tenantsTotal),
      number(progress.calls),
      first.seconds.toFixed(1),
      ((first.seconds * 1e6) / totals.userCount).toFixed(0),
      ((again.seconds * 1e6) / totals.userCount).toFixed(0),
      peak.toFixed(0),
      quantile(0.5),
      quantile(0.99),
    ].join(' | ')} |`,
  );
}

async function run(url, headers = {}) {
  const startedAt = performance.now();
  let last;
  const client = createClient({ url, headers, retryAttempts: 0 });
  for await (const { data } of client.iterate({ query: report })) last = data.protectionReport;
  if (!last.totals.isComplete) throw new Error('The report is not complete.');
  return { ...last, seconds: (performance.now() - startedAt) / 1000 };
}

async function ask(url) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(small),
  });
  await response.text();
}
