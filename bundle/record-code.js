/**
 * Stores the code that V8 compiles from the bundle in a start and its first responses, for `launch.ts`. Run it with the flags
 * of a start and without NODE_OPTIONS, since V8 uses compiled code only with the same flags.
 */
import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
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
const startTimeoutMs = 120_000;
const responseTimeoutMs = 30_000;

const compiled = [];
const url = `http://127.0.0.1:${await freePort()}`;
// The build's own environment is ignored: the simulation needs no setting.
process.env = { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: new URL(url).port, LOG_LEVEL: 'silent' };
launch(fileURLToPath(new URL('../dist/main.cjs', import.meta.url)), (file) => compiled.push(file));
const deadline = performance.now() + startTimeoutMs;
while (!(await isReady())) {
  if (performance.now() > deadline || process.exitCode !== undefined)
    throw new Error('The gateway did not start.');
  await sleep(20);
}
for (let round = 0; round < 2; round++) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(responseTimeoutMs),
  });
  const { errors } = await response.json();
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
}
if (compiled.length === 0) throw new Error('No code was compiled: are source maps enabled?');
// The entry last: once it is there, all are.
for (const { file, source, script } of compiled.reverse()) {
  const code = script.createCachedData();
  write(codeFileOf(file), Buffer.concat([hashOf(source, code), code]));
}
process.exit(0);

/** Replaces a file as a whole: another build may read or write it. */
function write(file, content) {
  const unfinished = `${file}.${process.pid}`;
  try {
    writeFileSync(unfinished, content);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function isReady() {
  return fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(responseTimeoutMs) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
