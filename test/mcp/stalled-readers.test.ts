/** Clients that accept nothing of their answers: they are ended in time, and hold a bounded part of the gateway. */
import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { MessageBridge } from '../../src/cli/message-bridge.ts';

import { useGateways } from '../use-gateway.ts';
import { openConnection } from '../open-connection.ts';
import { until } from '../until.ts';
import { callText } from './message-sender.ts';
import { mcpSetting } from './official-client.ts';
import { shippedWorld } from './shipped-tools.ts';

const start = useGateways({
  world: shippedWorld(),
  endpoint: { mcp: { ...mcpSetting, maxCharacters: 1_000_000 } },
});
const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

test('a connection to the endpoint that reads nothing is closed, and its calls end', async () => {
  const gateway = await start({ readerTimeoutMs: 500 });
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  const { socket, closed } = await openConnection(gateway.url);
  socket.pause();
  const count = 40;
  for (let index = 0; index < count; index++) {
    const body = callText('find_users', { first: 1000 }, index, { progressToken: index });
    socket.write(
      `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  }
  await until(() => gateway.audit.some(({ outcome }) => outcome === 'client_closed'));
  socket.resume();
  await closed();
  await until(() => gateway.audit.length === count);
  // Also of calls that waited behind others of the connection.
  await until(() => timers() < before + count / 2);
  expect(gateway.reported).toEqual([]);
});

test('a client of the standard output that reads nothing ends the bridge, which has read few of its messages', async () => {
  const gateway = await start();
  const input = new PassThrough();
  const output = new PassThrough();
  const logged: unknown[] = [];
  const bridge = new MessageBridge({
    url: new URL('/mcp', gateway.url),
    headers: {},
    log: (text) => logged.push(text),
    input,
    output,
    readerTimeoutMs: 1000,
    drainMs: 60_000,
  });
  let hasEnded = false;
  bridge.start(() => {
    hasEnded = true;
  });
  const count = 1000;
  for (let index = 0; index < count; index++)
    input.write(`${callText('find_users', { first: 100 }, index, { padding: 'x'.repeat(3000) })}\n`);
  await until(() => hasEnded);
  expect(logged).toEqual(['The client has accepted nothing of its answers for 1000 ms.']);
  bridge.close();
  expect(gateway.audit.length).toBeLessThan(150);
  expect(output.readableLength + output.writableLength).toBeLessThan(1_000_000);
});

test('a client that reads late has every answer', async () => {
  const gateway = await start();
  const input = new PassThrough();
  const output = new PassThrough();
  const bridge = new MessageBridge({
    url: new URL('/mcp', gateway.url),
    headers: {},
    log: () => undefined,
    input,
    output,
    readerTimeoutMs: 600_000,
    drainMs: 60_000,
  });
  bridge.start(() => undefined);
  const count = 300;
  for (let index = 0; index < count; index++)
    input.write(`${callText('find_users', { first: 20 }, index)}\n`);
  await until(() => output.writableNeedDrain);
  let text = '';
  output.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const lines = () => text.split('\n').slice(0, -1);
  await until(() => lines().length === count);
  const ids = lines().map((line) => (JSON.parse(line) as { readonly id: number }).id);
  expect(new Set(ids).size).toBe(count);
  bridge.close();
});
