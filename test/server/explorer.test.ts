/** GraphiQL in a real browser. Where there is none, this is skipped, except in CI, where there must be one. */
import { existsSync, mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';

const browserPath = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));
const describeWithBrowser =
  browserPath === undefined && process.env['CI'] === undefined ? describe.skip : describe;

describeWithBrowser('the explorer', () => {
  let gateway: GatewayUnderTest;
  let browser: Browser;
  let page: Page;
  const elsewhere: string[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    if (browserPath === undefined) throw new Error('CI needs Chromium: install it or set CHROMIUM_PATH.');
    gateway = await startGatewayUnderTest({
      world: createGeneratedWorld({ seed: 1, customers: 12, tenantsPerCustomer: 1, usersPerTenant: 20 }),
    });
    browser = await chromium.launch({
      executablePath: browserPath,
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
    });
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(10_000);
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(gateway.url) && !/^(data|blob):/.test(url)) elsewhere.push(url);
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(`${gateway.url}/graphql`);
    await page.waitForSelector('.graphiql-execute-button');
    await page.locator('.graphiql-query-editor').getByText('Dashboard').first().waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
  });

  async function run(tab: string): Promise<string> {
    await page.locator('.graphiql-tab-button', { hasText: tab }).first().click();
    await page.locator('.graphiql-execute-button').click();
    const response = page.locator('.result-window');
    await response.getByText('"data"').first().waitFor();
    return (await response.innerText()).replaceAll('\u00a0', ' ');
  }

  test('loads, runs the dashboard, and shows the nested rows', async () => {
    const answered = page.waitForResponse((response) =>
      (response.request().postData() ?? '').includes('Dashboard'),
    );
    expect(await run('Dashboard')).toContain('"totalCount"');
    const answer = (await (await answered).json()) as {
      data: { customers: { nodes: { tenants: { users: { nodes: { protection: object | null }[] } }[] }[] } };
      errors?: unknown;
    };
    expect(answer.errors).toBeUndefined();
    const users = answer.data.customers.nodes.flatMap(({ tenants }) =>
      tenants.flatMap(({ users: { nodes } }) => nodes),
    );
    expect(users.length).toBeGreaterThan(100);
    expect(users.filter(({ protection }) => protection !== null).length).toBeGreaterThan(50);
    const folder = new URL('../../coverage/', import.meta.url);
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: new URL('explorer.png', folder).pathname });
  });

  test.each(['One', 'Again', 'Some', 'Directory'])('runs %s with ids that exist', async (tab) => {
    const answered = page.waitForResponse((response) =>
      (response.request().postData() ?? '').includes(`query ${tab}`),
    );
    await run(tab);
    const answer = (await (await answered).json()) as { data: Record<string, unknown>; errors?: unknown };
    expect(answer.errors).toBeUndefined();
    for (const value of Object.values(answer.data)) expect(value).not.toBeNull();
  });

  test('asks no other host for anything, and reports no fault', () => {
    expect(elsewhere).toEqual([]);
    expect(faults).toEqual([]);
  });
});
