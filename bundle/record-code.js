/**
 * Stores the code that V8 compiles of the bundle in a start and its first responses, for `launch.ts`. To be run with the
 * flags of a start, since V8 uses compiled code only with those.
 */
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { codeFileOf, hashOf, launch } from '../dist/launch.cjs';

const query = `{
  customers(first: 2) {
    totalCount
    nodes { customerId organization tenants { name users(first: 5) { nodes { displayName protection { isProtected } } } } }
    pageInfo { endCursor }
  }
}`;
const patienceMs = 120_000;

const scripts = new Map();
const url = `http://127.0.0.1:${await freePort()}`;
// The simulation needs no setting, and those of the caller are of no concern.
process.env = { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: new URL(url).port, LOG_LEVEL: 'silent' };
launch(fileURLToPath(new URL('../dist/main.cjs', import.meta.url)), (file, script) =>
  scripts.set(file, script),
);
const lastMs = performance.now() + patienceMs;
while (!(await isReady())) {
  if (performance.now() > lastMs || process.exitCode !== undefined)
    throw new Error('The gateway did not start.');
  await sleep(20);
}
for (let round = 0; round < 2; round++) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { errors } = await response.json();
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
}
for (const [file, script] of scripts) {
  const code = codeFileOf(file);
  writeFileSync(`${code}.new`, Buffer.concat([hashOf(readFileSync(file)), script.createCachedData()]));
  renameSync(`${code}.new`, code);
}
process.exit(0);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function isReady() {
  return fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}
