/** docs/clients/: each page compiles, and prints what it says in Node.js and on a page of another origin than the gateway's. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { describeWithBrowser, startBrowser } from '../browser.ts';
import { root } from '../ended-process.ts';
import type { GatewayUnderTest } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import { startSite, type Site } from '../site.ts';
import { until } from '../until.ts';
import {
  bundlePrograms,
  compilePrograms,
  readClientPage,
  type ClientName,
  type ClientPage,
} from './client-pages.ts';

/** As `npm start` has it. */
const world = createGeneratedWorld({ seed: 1, customers: 40, tenantsPerCustomer: 2, usersPerTenant: 120 });
const clients = ['apollo', 'fetch', 'relay', 'urql'] as const satisfies readonly ClientName[];
const pages = new Map<ClientName, ClientPage>();
beforeAll(() => {
  for (const name of clients) pages.set(name, readClientPage(name));
  bundlePrograms([...pages.values()], 'node');
});
afterAll(() => {
  for (const page of pages.values()) page.remove();
});

function pageOf(name: ClientName): ClientPage {
  const page = pages.get(name);
  if (page === undefined) throw new Error(`There is no page of ${name}.`);
  return page;
}

const startGateway = useGateways({ world });

/** A gateway whose upstream fails once, when the directory is read. */
async function start(name: ClientName, allowedOrigins: readonly string[] = []): Promise<GatewayUnderTest> {
  let isFaulty = true;
  return startGateway({
    endpoint: { allowedOrigins, trustedDocumentsFile: pageOf(name).manifest },
    intercept: ({ path }) => {
      if (path !== '/partner/customers' || !isFaulty) return undefined;
      isFaulty = false;
      return { status: 503, body: '' };
    },
  });
}

/** What the gateway must have seen of a page: an error that was repeated, one that was not, and no other. */
async function expectOperations(gateway: GatewayUnderTest, name: ClientName): Promise<void> {
  // One from a client's own cache would print the same.
  const byId = { apollo: 'CustomersById', fetch: 'CustomerCount', urql: 'CustomerCount', relay: null }[name];
  if (byId !== null) expect(gateway.audit.map(({ operation }) => operation)).toContain(byId);
  await until(() => gateway.audit.some(({ kind }) => kind === 'subscription'));
  const codes = gateway.audit.flatMap((entry) => entry.codes);
  expect(codes.sort()).toEqual(['BAD_USER_INPUT', 'UPSTREAM_UNAVAILABLE']);
  expect(gateway.reported).toEqual([]);
}

test('there is a page of each client, and docs/clients.md leads to it', () => {
  const files = readdirSync(join(root, 'docs/clients')).sort();
  expect(files).toEqual(clients.map((name) => `${name}.md`));
  const index = readFileSync(join(root, 'docs/clients.md'), 'utf8');
  for (const file of files) expect(index).toContain(`(clients/${file})`);
  expect(index).toContain('## Another origin');
});

test('their programs compile', () => {
  compilePrograms([...pages.values()]);
});

describe.each(clients)('the page of %s', (name) => {
  test('says all that a client needs', () => {
    const text = readFileSync(join(root, `docs/clients/${name}.md`), 'utf8');
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(
      expect.arrayContaining([
        ...['Queries', 'Pagination', 'Subscriptions', 'Errors and retries'],
        'Trusted documents',
      ]),
    );
  });

  test('prints what it says', async () => {
    const page = pageOf(name);
    const gateway = await start(name);
    const program = page.fileFor('node', `${gateway.url}/graphql`);
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    expect(page.printed.length).toBeGreaterThan(5);
    expect(stdout.trim().split('\n')).toEqual(page.printed);
    await expectOperations(gateway, name);
  });
});

describeWithBrowser('on a page of another origin', () => {
  let browser: Browser;
  let site: Site;
  let program = '';
  beforeAll(async () => {
    bundlePrograms([...pages.values()], 'browser');
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    site = await startSite(() => program);
  });
  afterEach(() => {
    site.stop();
  });

  test.each(clients)('%s prints what its page says', async (name) => {
    const { printed, fileFor } = pageOf(name);
    const { origin } = site;
    const gateway = await start(name, [origin]);
    program = fileFor('browser', `${gateway.url}/graphql`);
    const page = await browser.newPage();
    const lines: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'log') lines.push(message.text());
    });
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(origin);
    await page.addScriptTag({ type: 'module', url: '/page.js' });
    await until(() => lines.length >= printed.length || faults.length > 0);
    expect([lines, faults]).toEqual([printed, []]);
    await expectOperations(gateway, name);
    await page.close();
  });
});
