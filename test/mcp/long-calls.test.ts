/** Calls that take a while: their progress arrives, and an abort of the client ends them, over HTTP and over stdio. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@modelcontextprotocol/client';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { until } from '../until.ts';
import { callText } from './message-sender.ts';
import {
  connectOverHttp,
  connectOverStdio,
  mcpSetting,
  ownSettings,
  program,
  revisions,
  root,
} from './official-client.ts';
import { shippedWorld } from './shipped-tools.ts';

const options = { world: shippedWorld(), endpoint: { mcp: mcpSetting } };
const start = useGateways(options);

type Connect = (gateway: GatewayUnderTest, revision: string) => Promise<Client>;

const connections: Readonly<Record<string, Connect>> = {
  http: ({ url }, revision) => connectOverHttp(url, revision),
  'stdio with --url': ({ url }, revision) => connectOverStdio(['--url', `${url}/mcp`], {}, revision),
  stdio: ({ simulator }, revision) => connectOverStdio([], ownSettings(simulator), revision),
};

describe.each(revisions)('%s', (revision) => {
  describe.each(Object.entries(connections))('%s', (way, connect) => {
    // Aborts come first, while nothing has been read.
    let hangs = true;
    let isHanging = false;
    const aborted: string[] = [];
    let gateway: GatewayUnderTest;
    let client: Client;
    beforeAll(async () => {
      gateway = await startGatewayUnderTest({
        ...options,
        latencyMs: 100,
        intercept: ({ path }) => {
          if (!hangs || path === '/connect/token') return undefined;
          isHanging = true;
          return 'hang';
        },
        onAborted: (path) => aborted.push(path),
      });
      client = await connect(gateway, revision);
    });
    afterAll(async () => {
      await client.close();
      await gateway.stop();
      expect(gateway.reported).toEqual([]);
    });

    test.each(['estate_overview', 'protection_report'])('an abort ends %s', async (name) => {
      isHanging = false;
      aborted.length = 0;
      const ending = new AbortController();
      const call = client.callTool({ name, arguments: {} }, { signal: ending.signal });
      const failed = expect(call).rejects.toThrow();
      await until(() => isHanging);
      ending.abort();
      await failed;
      await until(() => aborted.length > 0);
      if (way !== 'stdio') {
        await until(() => gateway.audit.some(({ tool }) => tool === name));
        expect(gateway.audit.filter(({ tool }) => tool === name)).toMatchObject([
          { operation: name, outcome: 'client_closed' },
        ]);
      }
      // The client goes on with the connection that it has.
      expect((await client.listTools()).tools.length).toBeGreaterThan(10);
    });

    test('progress arrives, and only grows', async () => {
      hangs = false;
      const seen: { progress: number; total?: number | undefined; message?: string | undefined }[] = [];
      const result = await client.callTool(
        { name: 'protection_report', arguments: {} },
        { onprogress: (progress) => seen.push(progress) },
      );
      expect(result.structuredContent).toMatchObject({ isComplete: true });
      expect(seen.length).toBeGreaterThan(0);
      const steps = seen.map(({ progress }) => progress);
      expect(steps).toEqual([...new Set(steps)].sort((one, other) => one - other));
      const { progress, total, message } = seen.at(-1) ?? {};
      // The client drops a step that arrives together with the result.
      expect(progress).toBeLessThanOrEqual(total ?? 0);
      expect(message).toMatch(/^\d+ of \d+ tenants/);
    });
  });
});

test('the last step of progress is sent, and before the result', async () => {
  const gateway = await start({ latencyMs: 20 });
  const child = spawn(process.execPath, [program, '--url', `${gateway.url}/mcp`], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.write(`${callText('protection_report', {}, 1, { progressToken: 1 })}\n`);
  const messages: { readonly params?: { readonly progress: number; readonly total: number } }[] = [];
  for await (const line of createInterface(child.stdout)) {
    messages.push(JSON.parse(line) as (typeof messages)[number]);
    if (line.includes('"result"')) break;
  }
  const [step, result] = messages.slice(-2);
  expect(step?.params?.progress).toBe(step?.params?.total);
  expect(result).toHaveProperty('result');
  child.stdin.end();
  await once(child, 'exit');
});

test.each(['its own gateway', '--url'])(
  'a signal at the end of the input ends the process with %s',
  async (way) => {
    let isHanging = false;
    const aborted: string[] = [];
    const gateway = await start({
      intercept: ({ path }) => {
        if (path === '/connect/token') return undefined;
        isHanging = true;
        return 'hang';
      },
      onAborted: (path) => aborted.push(path),
    });
    const folder = mkdtempSync(join(tmpdir(), 'audit-'));
    const auditFile = join(folder, 'audit.ndjson');
    const child = spawn(
      process.execPath,
      [program, ...(way === '--url' ? [way, `${gateway.url}/mcp`] : [])],
      {
        cwd: root,
        env: { ...ownSettings(gateway.simulator), AUDIT_FILE: auditFile },
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    const exit = once(child, 'exit') as Promise<unknown[]>;
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const params = { name: 'estate_overview', arguments: {}, _meta: meta };
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })}\n`);
    await until(() => isHanging);
    // As clients end a server; without the signal, the call would have a minute.
    child.stdin.end();
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(await output).toEqual(['', '']);
    await until(() => aborted.length > 0);
    if (way !== '--url') {
      const lines = readFileSync(auditFile, 'utf8').trim().split('\n');
      const last = JSON.parse(lines.at(-1) ?? '') as unknown;
      expect(last).toMatchObject({ tool: 'estate_overview', outcome: 'client_closed' });
    }
    rmSync(folder, { recursive: true });
  },
);
