/**
 * Counts the files and functions of src/ that one request passes, by V8's precise coverage, in the gateway's process
 * over the embedded simulation (its files are not counted). Prints a table, and with `-v` the files: `npm run
 * bench:path`.
 */
import { Session } from 'node:inspector/promises';
import { readConfig } from '../dist/modules/config/config.js';
import { startGateway } from '../dist/modules/gateway.js';

const built = new URL('../dist/modules/', import.meta.url).href;
const isVerbose = process.argv.includes('-v');
const nested = `{ tenant(customerId: "$c", tenantId: "$t") { users(first: 50) { nodes { displayName protection { state } } } } }`;
const list = '{ customers(first: 5) { nodes { organization tenants { name } } } }';

const gateway = await startGateway(
  readConfig({ PORT: '0', SIMULATOR_LATENCY_MS: '0', LOG_LEVEL: 'silent' }),
  { report: console.error, writeAudit: () => undefined },
);
const session = new Session();
session.connect();
await session.post('Profiler.enable');

const ids = await ask('{ customers(first: 9) { nodes { customerId tenants { tenantId } } } }');
const { customerId, tenants } = ids.data.customers.nodes.find(({ tenants: all }) => all.length > 0);
const users = nested.replace('$c', customerId).replace('$t', tenants[0].tenantId);
// The process's first request runs code that later ones do not.
await ask(users.replace('displayName', 'mail'), { 'cache-control': 'no-cache' });

console.log('| request | files | functions | files of server/ |\n| --- | ---: | ---: | ---: |');
await measure('cold, tenant { users { nodes { protection } } }', users, { 'cache-control': 'no-cache' });
await ask(users);
await measure('rows at hand', users, { 'cache-control': 'max-age=1000' });
await ask(list);
await measure('rows at hand, small', list, { 'cache-control': 'max-age=1000' });
await ask(users);
await measure('whole response cached', users);
await gateway.stop();
session.disconnect();

async function ask(query, headers = {}) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  const answer = await response.json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer;
}

async function measure(name, query, headers) {
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await ask(query, headers);
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  const files = result.flatMap(({ url, functions }) => {
    const file = url.startsWith(built) ? url.slice(built.length, -'.js'.length) : 'simulator/';
    if (file.startsWith('simulator/')) return [];
    // The first function is the module itself.
    const called = functions.slice(1).filter(({ ranges }) => ranges[0].count > 0).length;
    return called === 0 ? [] : [{ file, called }];
  });
  const functions = files.reduce((sum, { called }) => sum + called, 0);
  const ofServer = files.filter(({ file }) => file.startsWith('server/')).length;
  console.log(`| ${name} | ${files.length} | ${functions} | ${ofServer} |`);
  if (isVerbose) console.log(files.map(({ file, called }) => `  ${file} ${called}`).join('\n'));
}
