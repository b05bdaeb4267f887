/** Commands at an address that redirects: the credential reaches no other server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'redirects-'));
const file = join(folder, 'monday.ndjson');
const message = 'The gateway answers with a redirect, which is not followed; give its final URL by --url.';

const received: IncomingHttpHeaders[] = [];
const target = createServer(({ headers }, response) => {
  received.push(headers);
  response.end('{}');
});
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

async function run(args: readonly string[], input: string): Promise<{ output: string; complaints: string }> {
  const env = { PATH: process.env['PATH'] ?? '', GRAPH_KEY: 'secret' };
  const child = spawn(process.execPath, args, { cwd: root, env });
  const texts = { output: '', complaints: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.output += text;
    // The bridge runs until its input ends.
    child.stdin.end();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.complaints += text));
  child.stdin.write(input);
  await once(child, 'close');
  return texts;
}

const report = ['dist/cli/report.js', '--header', 'x-api-key: secret'];

test.each([
  ['a report', report, '/graphql'],
  ['rows', [...report, '--users'], '/graphql'],
  ['a comparison', [...report, '--compare', file], '/graphql'],
])('%s is not asked of the target of a redirect', async (_, args, path) => {
  for (status of [301, 302, 303, 307, 308]) {
    const { output, complaints } = await run([...args, '--url', addressOf(redirecting) + path], '');
    expect([output, complaints]).toEqual(['', `${message}\n`]);
  }
  expect(received).toEqual([]);
});

test('messages of an assistant are not sent to the target of a redirect', async () => {
  for (status of [301, 302, 303, 307, 308]) {
    const { output } = await run(
      ['dist/cli/mcp.js', '--url', `${addressOf(redirecting)}/mcp`],
      `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })}\n`,
    );
    expect(JSON.parse(output)).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32603, message } });
  }
  expect(received).toEqual([]);
});
