import { expect, test } from '@jest/globals';
import { useGateway } from '../use-gateway.ts';
import { customerRow } from '../world-of.ts';

const gateway = useGateway({
  world: { customers: [customerRow({ id: 'c' })], directory: [], tenants: {} },
});

test.each(['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])(
  'HEAD of a stream of %s has the headers of GET, and nothing is executed for it',
  async (accept) => {
    const parameters = new URLSearchParams({
      query: 'subscription { protectionReport { totals { userCount } } }',
    });
    gateway.calls.length = 0;
    const url = `${gateway.url}/graphql?${parameters.toString()}`;
    const head = await fetch(url, { method: 'HEAD', headers: { accept } });
    const calls = gateway.calls.length;
    const get = await fetch(url, { headers: { accept } });
    await get.text();
    expect(calls).toBe(0);
    expect(head.status).toBe(200);
    for (const name of ['content-type', 'cache-control', 'x-accel-buffering'])
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    expect(await head.text()).toBe('');
  },
);
