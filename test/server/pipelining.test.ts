/** Requests that wait behind others of their connection end with it, as any others do. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { until } from '../until.ts';
import { customerRow } from '../world-of.ts';

const world = { customers: [customerRow({ id: 'c' })], directory: [], tenants: {} };
const pipelined = 30;
let gateway: GatewayUnderTest;
const start = useGateways({ world });

/** Waits until the number of requests in flight meets the condition; the test's timeout ends it. */
async function untilInFlight(meets: (count: number) => boolean): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    if (meets(Number(/^elements_graph_requests_in_flight (\d+)$/m.exec(text)?.[1]))) return;
    await sleep(5);
  }
}

test.each([
  ['queries', 'application/json', '{ customers { totalCount } }'],
  ['event streams', 'text/event-stream', '{ customers { totalCount } }'],
  [
    'long answers',
    'application/json',
    `{ _service { ${Array.from({ length: 100 }, (_, index) => `a${index}: sdl`).join(' ')} } }`,
  ],
])('%s give their places back, and have their lines', async (_what, accept, query) => {
  let held: (() => void) | null = null;
  gateway = await start({
    hasMetrics: true,
    maxBytesOfAnswer: 4 * 1024 * 1024,
    intercept: () =>
      new Promise<undefined>((resolve) => {
        held = () => {
          resolve(undefined);
        };
      }),
  });
  const send = (text: string) => {
    const body = JSON.stringify({ query: text });
    return `POST /graphql HTTP/1.1\r\nhost: localhost\r\naccept: ${accept}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  };
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  socket.write(send('{ customers { nodes { organization } } }'));
  await until(() => held !== null);
  socket.write(send(query).repeat(pipelined));
  await untilInFlight((count) => count > 5);
  socket.destroy();
  await until(() => gateway.audit.length === pipelined + 1);
  expect(new Set(gateway.audit.map(({ outcome }) => outcome))).toEqual(new Set(['client_closed']));
  await untilInFlight((count) => count === 0);
  (held as (() => void) | null)?.();
  expect(gateway.reported).toEqual([]);
  const { errors } = await gateway.queryText(
    `{ _service { ${Array.from({ length: 40 }, (_, index) => `a${index}: sdl`).join(' ')} } }`,
    {},
  );
  expect(errors).toBeUndefined();
});
