/**
 * Reports on estates of growing size, over the embedded simulation in the gateway's process, while a client keeps
 * sending a small query. Prints a table: `npm run bench:report`.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-sse';
import { startGateway } from './gateway-process.js';

/** About 10,000, 100,000, 200,000, 400,000 and a million users, of 500 a tenant on average. */
const estates = (process.env.CUSTOMERS ?? '11,110,220,440,1100').split(',').map(Number);
const latencyMs = process.env.LATENCY ?? '20';

const small = { query: '{ customers(first: 5) { nodes { organization countryOrRegion } } }' };
const report = `subscription {
  protectionReport {
    progress { tenantsTotal usersDone calls }
    totals { userCount isComplete }
  }
}`;

/** The same report on some of the users, by group. */
const groupedReport = `subscription {
  protectionReport(users: { status: { none: [SIGN_IN_BLOCKED, INACTIVE] } }) {
    progress { tenantsTotal usersDone calls }
    totals {
      userCount
      isComplete
      departments: groups(by: DEPARTMENT) { totalCount nodes { value userCount coverage } }
      jobTitles: groups(by: JOB_TITLE) { totalCount nodes { value userCount coverage } }
      customers: groups(by: CUSTOMER) { totalCount nodes { value userCount coverage } }
      statuses: groups(by: STATUS) { totalCount nodes { value userCount coverage } }
    }
  }
}`;

console.log(
  `Upstream latency ${latencyMs} ms, Node.js ${process.version}\n\n| users | tenants | calls | seconds | µs a user | again | in groups | resident, MiB | small query p50, ms | p99, ms |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`,
);
for (const customers of estates) await measure(customers);

async function measure(customers) {
  const { url, pid, kill } = await startGateway({
    SIMULATOR_CUSTOMERS: String(customers),
    SIMULATOR_USERS: '500',
    SIMULATOR_LATENCY_MS: latencyMs,
  }).catch((error) => {
    process.stderr.write(`${error.message} Check CUSTOMERS and LATENCY.\n`);
    process.exit(1);
  });
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
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
  // Once more from the upstream, with warm code.
  const again = await run(url, { 'cache-control': 'no-cache' });
  const grouped = await run(url, { 'cache-control': 'no-cache' }, groupedReport);
  isDone = true;
  await probing;
  kill();

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
      // Per user read, though the report counts only some.
      ((grouped.seconds * 1e6) / totals.userCount).toFixed(0),
      peak.toFixed(0),
      quantile(0.5),
      quantile(0.99),
    ].join(' | ')} |`,
  );
}

async function run(url, headers = {}, query = report) {
  const startedAt = performance.now();
  let last;
  const client = createClient({ url, headers, retryAttempts: 0 });
  for await (const { data } of client.iterate({ query })) last = data.protectionReport;
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
