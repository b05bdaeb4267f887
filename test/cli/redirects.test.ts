/** Commands at an address that redirects: the credential reaches no other server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { root } from '../ended-process.ts';
import { runReport } from './run-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'redirects-'));
const file = join(folder, 'monday.ndjson');
const message = 'The gateway answers with a redirect, which is not followed; give its final URL by --url.';

const received: IncomingHttpHeaders[] = [];
const target = createServer(({ headers }, response) => {
  received.push(headers);
  response.end('{}');
});
const statuses = [301, 302, 303, 307, 308];
let status = 307;
const redirecting = createServer((request, response) => {
  request.resume();
  response.writeHead(status, { location: `${addressOf(target)}${request.url ?? ''}` }).end();
});

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  writeFileSync(file, '{}\n');
  for (const server of [target, redirecting]) await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  for (const server of [target, redirecting]) server.close();
});

const addressOfRedirects = (path: string) => `${addressOf(redirecting)}${path}`;

test.each([
  ['a report', []],
  ['rows', ['--users']],
  ['a comparison', ['--compare', file]],
])('%s is not asked of the target of a redirect', async (_, args) => {
  for (status of statuses) {
    const url = addressOfRedirects('/graphql');
    const { output, complaints } = await runReport(['--header', 'x-api-key: secret', ...args, '--url', url]);
    expect([output, complaints]).toEqual(['', `${message}\n`]);
  }
  expect(received).toEqual([]);
});

test('messages of an assistant are not sent to the target of a redirect', async () => {
  const env = { PATH: process.env['PATH'] ?? '', GRAPH_KEY: 'secret' };
  const args = ['dist/cli/mcp.js', '--url', addressOfRedirects('/mcp')];
  const bridge = spawn(process.execPath, args, { cwd: root, env, stdio: ['pipe', 'pipe', 'ignore'] });
  const answers = createInterface(bridge.stdout)[Symbol.asyncIterator]();
  for (status of statuses) {
    bridge.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: status, method: 'ping' })}\n`);
    const answer = await answers.next();
    expect(JSON.parse(String(answer.value))).toEqual({
      ...{ jsonrpc: '2.0', id: status },
      error: { code: -32603, message },
    });
  }
  bridge.stdin.end();
  await once(bridge, 'exit');
  expect(received).toEqual([]);
});
