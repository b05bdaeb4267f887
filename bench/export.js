/**
 * Exports of a generated estate, over the embedded simulation in the gateway's process, while a client keeps sending a
 * small query; and a report on the same estate for comparison. Prints a table: `npm run bench:export`.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGateway } from './gateway-process.js';

/** About a million users, of 500 a tenant on average. */
const customers = process.env.CUSTOMERS ?? '1100';
const usersPerTenant = process.env.USERS ?? '500';
const latencyMs = process.env.LATENCY ?? '20';

const small = '{ customers(first: 5) { nodes { organization countryOrRegion } } }';
const report = 'subscription { protectionReport { totals { userCount } } }';
const groupedReport =
  'subscription { protectionReport { totals { userCount groups(by: DEPARTMENT) { totalCount nodes { value userCount coverage } } } } }';

const exported = [
  ...['users.csv', 'users.ndjson', 'users.xlsx', 'protection-statuses.csv'].map((file) => ({
    name: file,
    path: `/export/${file}`,
  })),
  ...Object.entries({ report, 'report by department': groupedReport }).map(([name, query]) => ({
    name,
    path: `/graphql?query=${encodeURIComponent(query)}`,
  })),
];
const wanted = process.argv.slice(2);

console.log(
  `Upstream latency ${latencyMs} ms, Node.js ${process.version}\n\n|  | rows | MiB | seconds | CPU, s | µs a row | resident, MiB | small query p50, ms | p99, ms |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`,
);
for (const each of exported) if (wanted.length === 0 || wanted.includes(each.name)) await measure(each);

async function measure({ name, path }) {
  const { url, pid, kill } = await startGateway({
    SIMULATOR_CUSTOMERS: customers,
    SIMULATOR_USERS: usersPerTenant,
    SIMULATOR_LATENCY_MS: latencyMs,
  });
  const { origin } = new URL(url);
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  const ask = async () => {
    await (await fetch(`${url}?query=${encodeURIComponent(small)}`)).text();
  };
  await ask();
  let isDone = false;
  let peak = 0;
  const times = [];
  const probing = (async () => {
    while (!isDone) {
      const startedAt = performance.now();
      await ask();
      times.push(performance.now() - startedAt);
      peak = Math.max(peak, resident());
      await sleep(5);
    }
  })();
  const cpuBefore = cpuSecondsOf(pid);
  const startedAt = performance.now();
  const { bytes, rows } = await drain(origin + path, name);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuSeconds = cpuSecondsOf(pid) - cpuBefore;
  isDone = true;
  await probing;
  kill();
  times.sort((left, right) => left - right);
  const quantile = (share) => times[Math.floor(times.length * share)].toFixed(1);
  const number = (value) => value.toLocaleString('en');
  console.log(
    `| ${[
      name,
      rows === null ? '' : number(rows),
      number(Math.round(bytes / 2 ** 20)),
      seconds.toFixed(1),
      cpuSeconds.toFixed(1),
      rows === null ? '' : ((seconds * 1e6) / rows).toFixed(0),
      peak.toFixed(0),
      quantile(0.5),
      quantile(0.99),
    ].join(' | ')} |`,
  );
}

/** CPU time of a process, threads included: in user and in kernel mode, of 10 ms each. */
function cpuSecondsOf(pid) {
  const [, rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, kernel] = rest.split(' ').slice(11, 13);
  return (Number(user) + Number(kernel)) / 100;
}

/** Reads a whole answer; counts rows by line ends, or takes the number of the last event. */
function drain(url, name) {
  return new Promise((resolve, reject) => {
    const isReport = name.startsWith('report');
    const accept = isReport ? 'text/event-stream' : '*/*';
    request(url, { headers: { accept } }, (response) => {
      let bytes = 0;
      let lines = 0;
      let end = '';
      response.on('data', (chunk) => {
        bytes += chunk.length;
        if (!isReport && !name.endsWith('.xlsx'))
          for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
        else if (isReport) end = (end + chunk.toString()).slice(-2000);
      });
      response.on('error', reject);
      response.on('end', () => {
        const counted = /"userCount":(\d+)/.exec(end)?.[1];
        resolve({ bytes, rows: name.endsWith('.xlsx') ? null : counted ? Number(counted) : lines - 1 });
      });
    })
      .on('error', reject)
      .end();
  });
}
