/**
 * Pages of other sites, in a real browser, make the gateway execute nothing and read nothing of it, unless their site is
 * named; sites that are named do not spoil the browser's cache for each other.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeWithBrowser, startBrowser } from '../browser.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateway, useGateways } from '../use-gateway.ts';
import { startSite, type Site } from '../site.ts';
import { until } from '../until.ts';
import { customerRow } from '../world-of.ts';
import { attacks } from './cross-origin-attacks.ts';

const noStore = { maxCacheBytes: 0, maxAnswerBytes: 0 };

const world = { customers: [customerRow({ id: 'a' })], directory: [], tenants: {} };

const markOf = (index: number) => `Attack${index}x`;

/** Passes bytes on to the gateway and keeps what the browser sent, which shows that an attack has arrived. */
async function startWire(gatewayUrl: string) {
  const { hostname, port } = new URL(gatewayUrl);
  const wire = { port: 0, sent: '', answeredBytes: 0, stop: () => void server.close() };
  const server = createServer((incoming) => {
    const outgoing = connect(Number(port), hostname);
    incoming.on('data', (data: Buffer) => (wire.sent += data.toString()));
    outgoing.on('data', (data: Buffer) => (wire.answeredBytes += data.length));
    incoming.pipe(outgoing).pipe(incoming);
    for (const socket of [incoming, outgoing]) {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        incoming.destroy();
        outgoing.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  wire.port = (server.address() as AddressInfo).port;
  return wire;
}

describeWithBrowser.each([
  ['a page of another site, if none is named', false],
  ['a page of another site than the one that is named', true],
])('%s', (_description, isOtherNamed) => {
  const allowedOrigins = isOtherNamed ? ['https://portal.example.com'] : [];
  const gateway = useGateway({ world, ...noStore, endpoint: { hasExplorer: true, allowedOrigins } });
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    site = await startSite();
    browser = await startBrowser();
  });
  afterEach(() => {
    gateway.calls.length = 0;
    gateway.audit.length = 0;
  });
  afterAll(async () => {
    await browser.close();
    site.stop();
  });

  const sites = [
    ['another port of the same host', '127.0.0.1', '127.0.0.1'],
    ['another host', 'localhost', '127.0.0.1'],
    ['another host, asking by name', '127.0.0.1', 'localhost'],
  ] as const;

  test.each(sites)('on %s makes it execute nothing', async (_name, siteHost, gatewayHost) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://${siteHost}:${site.port}/`);
    // A port for each shows which has arrived, so that one page makes all of them: to load a page takes longer.
    const wires = await Promise.all(attacks.map(() => startWire(gateway.url)));
    for (const [index, { run }] of attacks.entries()) {
      const mark = markOf(index);
      const query = `query ${mark} { customers { totalCount } }`;
      const url = `http://${gatewayHost}:${wires[index]?.port ?? 0}/graphql`;
      await page.evaluate(
        ([source, ...args]) => {
          // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- text is what crosses to the page
          void new Function('url', 'query', 'mark', source)(...args);
        },
        [run, url, query, mark] as const,
      );
    }
    for (const [index, wire] of wires.entries()) {
      const { name, arrives } = attacks[index] ?? { name: '', arrives: true };
      if (arrives) {
        // A body may be cut off by an answer that came before it was sent.
        await until(() => wire.sent.includes('/graphql') && wire.answeredBytes > 0).catch(() => {
          throw new Error(`The attack did not arrive: ${name}`);
        });
      } else {
        await until(() => wire.sent.includes('OPTIONS /graphql'));
      }
    }
    // What is executed late would be by now, as requests that came later have been.
    for (let round = 0; round < 3; round++) await gateway.queryText('{ control: customers { totalCount } }');
    const wrongly = attacks.filter(
      // The browser's own question names the URL as well.
      ({ arrives }, index) =>
        !arrives && wires[index]?.sent.replaceAll(/^OPTIONS .*$/gm, '').includes(markOf(index)) !== false,
    );
    expect(wrongly.map(({ name }) => name)).toEqual([]);
    const executed: string[] = [];
    for (const { operation, outcome } of gateway.audit) {
      if (operation?.startsWith('Attack') === true && outcome !== 'refused') executed.push(operation);
    }
    expect(executed.map((mark) => attacks[parseInt(mark.slice('Attack'.length))]?.name)).toEqual([]);
    expect(gateway.calls).toHaveLength(3);
    expect(gateway.reported).toEqual([]);
    await context.close();
    for (const { stop } of wires) stop();
  });
});

describeWithBrowser('a page of a rebound name', () => {
  let browser: Browser;
  afterAll(() => browser.close());
  const gateway = useGateway({ world, ...noStore, hasMetrics: true });
  beforeAll(async () => {
    browser = await startBrowser(['--host-resolver-rules=MAP rebind.example 127.0.0.1']);
  });

  test('reads nothing of a gateway on loopback', async () => {
    const origin = `http://rebind.example:${new URL(gateway.url).port}`;
    const page = await browser.newPage();
    const opened = await page.goto(`${origin}/graphql`);
    // Asked for first, so that its page can ask in the name of its site.
    const answers = await page.evaluate(async () => {
      const query = '{ customers { totalCount } }';
      const parameters = `?query=${encodeURIComponent(query)}`;
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ query });
      const requests = [
        fetch('/graphql', { method: 'POST', headers, body }),
        fetch('/graphql', { method: 'POST', headers: { ...headers, accept: 'text/event-stream' }, body }),
        fetch(`/graphql${parameters}`, { headers: { 'apollo-require-preflight': 'yes' } }),
        fetch(`/graphql${parameters}`, {
          headers: { accept: 'text/event-stream', 'apollo-require-preflight': 'yes' },
        }),
        fetch(`/graphql${parameters}`),
        fetch('/metrics'),
      ];
      // In place of a refusal without a body the browser shows a page of its own, from which nothing can be fetched.
      return Promise.all(
        requests.map(async (request) => {
          try {
            const answer = await request;
            return { status: answer.status, text: await answer.text() };
          } catch {
            return { status: 0, text: '' };
          }
        }),
      );
    });
    expect(opened?.status()).toBe(421);
    expect(answers.map(({ status }) => status)).toEqual(
      answers.map(({ status }) => (status === 0 ? 0 : 421)),
    );
    expect(JSON.stringify(answers)).not.toContain('totalCount');
    expect([gateway.calls, gateway.reported]).toEqual([[], []]);
  });
});

describeWithBrowser('pages of two sites that are named', () => {
  let gateway: GatewayUnderTest;
  let browser: Browser;
  let sites: Site[];
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    sites = [await startSite(), await startSite()];
    gateway = await start({
      endpoint: { allowedOrigins: sites.map((site) => site.origin) },
    });
  });
  afterEach(() => {
    for (const site of sites) site.stop();
  });
  const start = useGateways({ world });

  const target = `/graphql?query=${encodeURIComponent('{ customers { totalCount } }')}`;

  function ask(page: Page): Promise<{ text: string; cacheControl: string | null }> {
    return page.evaluate(async (url) => {
      try {
        const response = await fetch(url);
        return { text: await response.text(), cacheControl: response.headers.get('cache-control') };
      } catch (error) {
        return { text: String(error), cacheControl: null };
      }
    }, gateway.url + target);
  }

  test('both get their answers, from the browser’s cache as well', async () => {
    const context = await browser.newContext();
    const pages: Page[] = [];
    for (const site of sites) {
      const page = await context.newPage();
      await page.goto(`${site.origin}/`);
      pages.push(page);
    }
    for (let round = 0; round < 3; round++) {
      for (const [index, page] of [...pages, ...pages.toReversed()].entries()) {
        const { text, cacheControl } = await ask(page);
        expect({ round, index, text, isCacheable: /max-age=[1-9]/.test(cacheControl ?? '') }).toEqual({
          round,
          index,
          text: '{"data":{"customers":{"totalCount":1}}}',
          isCacheable: true,
        });
      }
    }
    await context.close();
  });

  test('vary in every cache, as do callers and representations', async () => {
    const [site] = sites;
    if (site === undefined) throw new Error('There are two sites.');
    const origins = [site.origin, 'http://evil.example', null];
    for (const origin of origins) {
      for (const accept of ['application/json', 'application/graphql-response+json']) {
        const { headers, status } = await fetch(gateway.url + target, {
          headers: { accept, 'apollo-require-preflight': 'yes', ...(origin === null ? {} : { origin }) },
        });
        const vary = (headers.get('vary') ?? '').toLowerCase().split(/\s*,\s*/);
        expect({ origin, accept, status, vary }).toMatchObject({
          status: 200,
          vary: expect.arrayContaining([
            'origin',
            'accept',
            'accept-encoding',
            'authorization',
            'x-api-key',
          ]) as unknown,
        });
      }
    }
  });
});
