/** The examples as they are run, by hand or in a browser. */
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { describeWithBrowser, startBrowser } from '../browser.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const world = createGeneratedWorld({ seed: 3, customers: 40, tenantsPerCustomer: 2, usersPerTenant: 60 });

let gateway: GatewayUnderTest;
let url: string;
let env: Record<string, string>;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ world });
  url = `${gateway.url}/graphql`;
  env = { PATH: process.env['PATH'] ?? '', GRAPH_URL: url, PORT: '0' };
});
afterAll(() => gateway.stop());

const run = async (command: string, args: readonly string[]) => {
  return (await promisify(execFile)(command, args, { cwd: root, env })).stdout.trim().split('\n');
};

/** A server, and the address that it tells when it is ready. */
function start(args: readonly string[]): { readonly url: Promise<string>; readonly stop: () => void } {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ready = new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(stripVTControlCharacters(output))?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => {
      reject(new Error(`It did not start: ${output}`));
    });
  });
  return { url: ready, stop: () => child.kill() };
}

test('curl', async () => {
  const [, query = '', , ...rest] = await run('examples/curl.sh', []);
  expect(JSON.parse(query)).toMatchObject({ data: { customers: { totalCount: 40 } } });
  const text = rest.join('\n').toLowerCase();
  expect(text).toMatch(/^http\/1.1 200 ok/);
  expect(text).toMatch(/etag: w\//);
  expect(text).toMatch(/cache-control: private, max-age=\d+/);
  expect(text).toMatch(/"upstream":\{"calls":1,/);
  expect(JSON.parse(rest.at(-1)?.replace('data: ', '') ?? '')).toMatchObject({
    data: { protectionReport: { totals: { coverage: expect.any(Number) } } },
  });
});

test('pagination with urql', async () => {
  const lines = await run(process.execPath, ['examples/pagination.js', url]);
  expect(lines.map((line) => line.replace(/:.*/, ''))).toEqual(['15 of 40', '30 of 40', '40 of 40']);
});

test('a Node service', async () => {
  const { url: started, stop } = start(['examples/service/unprotected.js']);
  try {
    const service = (await started).replace(/\?.*/, '');
    const response = await fetch(`${service}?country=Japan`);
    const lines = (await response.text()).trim().split('\n');
    const japanese = Array.from({ length: world.customers.count }, (_, index) =>
      world.customers.at(index),
    ).filter(({ countryOrRegion }) => countryOrRegion === 'Japan');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(lines.length).toBeGreaterThan(3);
    for (const each of lines) {
      const { customer } = JSON.parse(each) as { customer: string };
      expect(japanese.map(({ organization }) => organization)).toContain(customer);
    }
    expect((await fetch(service.replace('unprotected', 'elsewhere'))).status).toBe(404);
  } finally {
    stop();
  }
});

describeWithBrowser('the React page', () => {
  test('shows customers, tenants and users, and more when it is asked to', async () => {
    const vite = 'node_modules/vite/bin/vite.js';
    await run(process.execPath, [vite, 'build', 'examples/dashboard', '--logLevel', 'error']);
    const server = start([vite, 'preview', 'examples/dashboard', '--host', '127.0.0.1', '--port', '0']);
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(await server.url);
      await page.getByRole('heading', { level: 2 }).nth(9).waitFor();
      const first = world.customers.at(0);
      expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe(first.organization);
      expect(await page.getByRole('row').count()).toBeGreaterThan(100);
      expect(await page.getByText(/unprotected: /).count()).toBeGreaterThan(0);
      await page.getByRole('button', { name: 'More customers' }).click();
      await page.getByRole('heading', { level: 2 }).nth(19).waitFor();
      // The first ones are still there.
      expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe(first.organization);
      if (process.env['SCREENSHOTS'] !== undefined) {
        await page.screenshot({ path: `${process.env['SCREENSHOTS']}/dashboard.png` });
      }
    } finally {
      await browser.close();
      server.stop();
    }
  });
});

describe('the examples', () => {
  test('of the client’s README say what the package says', async () => {
    const types = await run(process.execPath, [
      '-e',
      "import('elements-graph-client').then((it) => console.log(Object.keys(it).join('\\n')))",
    ]);
    expect(types).toEqual(
      expect.arrayContaining(['createClient', 'dataOf', 'UsersDocument', 'DashboardDocument']),
    );
  });
});
