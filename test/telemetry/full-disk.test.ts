/** The process when its log, or its audit, can't be written: it serves, says so once, and ends in time. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { maxIdLength } from '../../src/endpoint/id.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { freePort } from '../free-port.ts';
import {
  endProcess,
  patience,
  settingsOf,
  startGatewayProcess,
  type GatewayProcess,
} from '../gateway-process.ts';
import { until } from '../until.ts';
import { createWorldOf, customerRow } from '../world-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'full-disk-'));
const small = join(folder, 'small');
mkdirSync(small);
const isMounted = mount();
afterAll(() => {
  if (isMounted) execFileSync('umount', [small]);
  rmSync(folder, { recursive: true });
});

/** A file system of 640 KiB; false if this user may not mount one. */
function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=640k', 'tmpfs', small], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let gateway: GatewayProcess | undefined;
let child: ChildProcess | undefined;
afterEach(async () => {
  await endProcess(gateway);
  gateway = undefined;
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = undefined;
});

/** As many as a line names, by ids as long as they may be: few operations write much. */
const customers = 100;
let simulator: Simulator;
let settings: Readonly<Record<string, string>>;
beforeAll(async () => {
  const rows = Array.from({ length: customers }, (_, index) =>
    customerRow({ id: `${index}-`.padEnd(maxIdLength, 'x') }),
  );
  const world = createWorldOf({ customers: rows, directory: [], tenants: {} });
  simulator = await startSimulator({ port: 0, world, latencyMs: 0, dialect: 'plural' });
  settings = { ...settingsOf(simulator), SHUTDOWN_DELAY_MS: '0' };
});
afterAll(() => simulator.stop());

/** Sends operations that read all customers, so that the line of each has their ids: twenty kilobytes. */
async function operate(url: string, count: number): Promise<void> {
  const body = JSON.stringify({ query: '{ customers(first: 100) { nodes { customerId } } }' });
  const headers = { 'content-type': 'application/json' };
  const send = async () => {
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
    const { data } = (await response.json()) as { data: { customers: { nodes: unknown[] } } };
    expect(data.customers.nodes).toHaveLength(customers);
  };
  for (let sent = 0; sent < count; sent += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, count - sent) }, send));
  }
}

const atOnce = 50;

async function droppedOf(url: string, output: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const [, count] =
    new RegExp(`^elements_graph_log_lines_dropped_total\\{output="${output}"\\} (\\d+)$`, 'm').exec(text) ??
    [];
  return Number(count);
}

const auditWarning = "The audit file can't be written.";

/** More operations than the lines that may wait, 4 MiB. */
const tooMany = 300;

describe('an audit file on a full disk', () => {
  test('costs one warning and bounded memory, is counted, and does not delay the end', async () => {
    gateway = await startGatewayProcess(null, { ...settings, AUDIT_FILE: '/dev/full' });
    await operate(gateway.url, 10);
    const before = await gateway.heapUsed();
    await operate(gateway.url, tooMany);
    expect(await droppedOf(gateway.url, 'audit')).toBeGreaterThan(20);
    expect(await droppedOf(gateway.url, 'log')).toBe(0);
    expect((await gateway.heapUsed()) - before).toBeLessThan(64 * 1024 * 1024);
    const warnings = gateway.complaints().split('\n').filter(Boolean);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(auditWarning);
    expect(warnings[0]).toContain('ENOSPC');
    gateway.kill('SIGTERM');
    expect(await gateway.exitCode).toBe(0);
  });

  (isMounted ? test : test.skip)('gets what waited when there is room, in whole lines', async () => {
    const [filler, audit] = [join(small, 'filler'), join(small, 'logs', 'audit.log')];
    writeFileSync(filler, Buffer.alloc(540 * 1024));
    gateway = await startGatewayProcess(null, { ...settings, AUDIT_FILE: audit });
    const { url, complaints } = gateway;
    const count = 20;
    await operate(url, count);
    await until(() => complaints().includes(auditWarning));
    expect(readFileSync(audit, 'utf8').split('\n').length).toBeLessThan(count);
    rmSync(filler);
    await until(() => readFileSync(audit, 'utf8').split('\n').length > count);
    const lines = readFileSync(audit, 'utf8').split('\n').filter(Boolean);
    expect(lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg)).toEqual(
      Array.from({ length: count }, () => 'operation'),
    );
    expect(complaints().split('\n').filter(Boolean)).toHaveLength(1);
    gateway.kill('SIGTERM');
    expect(await gateway.exitCode).toBe(0);
  });
});

/** Starts the process with these descriptors, as a shell redirects them; its address is that of a free port. */
async function startWith(
  stdout: number | 'pipe',
  stderr: number | 'pipe',
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; readonly complaints: () => string; readonly ended: Promise<unknown> }> {
  const port = await freePort();
  const started = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH: process.env['PATH'] ?? '', PORT: String(port), ...patience, ...settings, ...more },
    stdio: ['ignore', stdout, stderr],
  });
  child = started;
  let complaints = '';
  started.stderr?.on('data', (data: Buffer) => (complaints += data.toString()));
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(async () => started.exitCode !== null || (await isReady()));
  const ended = started.exitCode ?? once(started, 'exit').then(([code]) => code as unknown);
  return { url, complaints: () => complaints, ended: Promise.resolve(ended) };
}

const full = () => openSync('/dev/full', 'w');

describe('a log on a full disk', () => {
  test('leaves the process serving, is counted beyond what may wait, and does not delay the end', async () => {
    const descriptor = full();
    const { url, complaints, ended } = await startWith(descriptor, 'pipe');
    await operate(url, tooMany);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect(await droppedOf(url, 'log')).toBeGreaterThan(20);
    child?.kill('SIGTERM');
    expect(await ended).toBe(0);
    closeSync(descriptor);
    const lines = complaints().split('\n').filter(Boolean);
    expect(lines.length).toBe(1);
    for (const line of lines)
      expect(line).toMatch(/^The log can't be written to the standard output: .*ENOSPC/);
  });

  test('and the standard error with it leave the process serving', async () => {
    const descriptor = full();
    const { url, ended } = await startWith(descriptor, descriptor);
    await operate(url, 60);
    child?.kill('SIGTERM');
    expect(await ended).toBe(0);
    closeSync(descriptor);
  });
});

describe('a log that is not read', () => {
  test('leaves the process serving, and ending in time, over a pipe', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(pipe, 'w');
    // Both of a shell's `2>&1`.
    const { url, ended } = await startWith(writer, writer);
    closeSync(writer);
    await operate(url, tooMany);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect(await droppedOf(url, 'log')).toBeGreaterThan(20);
    child?.kill('SIGTERM');
    expect(await ended).toBe(0);
    closeSync(reader);
  });

  test('leaves the process serving, and ending in time, over a socket', async () => {
    const { url, ended } = await startWith('pipe', 'pipe');
    await operate(url, 60);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    child?.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('because its reader has ended leaves the process serving', async () => {
    const { url, ended, complaints } = await startWith('pipe', 'pipe');
    child?.stdout?.destroy();
    await operate(url, 60);
    expect(complaints()).toMatch(/^The log can't be written to the standard output: .*EPIPE.*\n$/);
    child?.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
