/** The React page as people use it: in Chromium, over a gateway and its upstream. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { describeWithBrowser, startBrowser } from '../browser.ts';
import { useGateway, useGateways } from '../use-gateway.ts';
import { until } from '../until.ts';
import { format, observe, type Observed } from './observed-page.ts';
import { processesFor } from './processes.ts';

const world = createGeneratedWorld({ seed: 3, customers: 30, tenantsPerCustomer: 2, usersPerTenant: 30 });
const axePath = createRequire(import.meta.url).resolve('axe-core');

interface Customer {
  readonly customerId: string;
  readonly organization: string;
  readonly tenants: readonly {
    readonly tenantId: string;
    readonly name: string;
    readonly users: { readonly totalCount: number };
  }[];
}

describeWithBrowser('the dashboard', () => {
  let server: ReturnType<ReturnType<typeof processesFor>['start']>;
  let browser: Browser;
  let page: Page;
  let url: string;

  /** The customers in the page's order, with the users that are to be shown by default. */
  async function readCustomers(
    filter = '{ protection: { isProtected: false } }',
  ): Promise<readonly Customer[]> {
    const { data } = await gateway.queryText(`{ customers(orderBy: COVERAGE_ASC, first: 100) {
      nodes { customerId organization tenants { tenantId name users(filter: ${filter}) { totalCount } } }
    } }`);
    return (data?.['customers'] as { nodes: readonly Customer[] }).nodes;
  }

  /** Of a customer with several tenants. */
  async function readCustomer(filter?: string): Promise<Customer> {
    const found = (await readCustomers(filter)).find(({ tenants }) => tenants.length > 1);
    if (found === undefined) throw new Error('The world has no customer of several tenants.');
    return found;
  }

  const readSummary = async () => {
    const { data } = await gateway.queryText('{ protectionSummary { userCount protectedCount } }');
    return data?.['protectionSummary'] as { readonly userCount: number; readonly protectedCount: number };
  };

  /** The page asks a gateway of this test alone, which has read nothing yet. */
  async function replaceGateway(intercept: SimulatorOptions['intercept']): Promise<void> {
    const replacement = await startGateway({ world, intercept });
    const address = `${replacement.url}/graphql`;
    await page.route('**/graphql', (route) => route.continue({ url: address }));
  }

  const customerNames = () => page.locator('.coverage a').allTextContents();
  const section = (name: string) => page.getByRole('region', { name, exact: true });
  const usersShown = async (name: string) =>
    section(name)
      .getByText(/\d+ of \d+ user/)
      .textContent();

  afterAll(async () => {
    await browser.close();
    server.stop();
  });
  const gateway = useGateway({ world });
  beforeAll(async () => {
    const { run, start } = processesFor(`${gateway.url}/graphql`);
    const vite = 'node_modules/vite/bin/vite.js';
    await run(process.execPath, [vite, 'build', 'examples/dashboard', '--logLevel', 'error']);
    server = start([vite, 'preview', 'examples/dashboard', '--host', '127.0.0.1', '--port', '0']);
    browser = await startBrowser();
    url = (await server.url).replace(/\/$/, '');
  });

  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(300_000);
  });
  afterEach(() => page.close());
  const startGateway = useGateways();

  test('lists the customers worst first, and each once however fast more are wanted', async () => {
    await page.goto(url);
    const more = page.getByRole('button', { name: 'More customers' });
    await more.waitFor();
    const expected = (await readCustomers()).map(({ organization }) => organization);
    expect(await customerNames()).toEqual(expected.slice(0, 20));
    await more.dblclick();
    await more.waitFor({ state: 'detached' });
    expect(await customerNames()).toEqual(expected);
    await page.getByText('30 of 30 customers').waitFor();
  });

  test('shows the whole estate above them', async () => {
    await page.goto(url);
    const { userCount, protectedCount } = await readSummary();
    await page
      .getByRole('heading', { name: `${format(protectedCount)} of ${format(userCount)} users protected` })
      .waitFor();
  });

  test('searches customers', async () => {
    await page.goto(url);
    const [, expected] = await readCustomers();
    await page.getByLabel('Search customers').fill(expected?.organization ?? '');
    await page.getByText('1 of 1 customer').waitFor();
    expect(await customerNames()).toEqual([expected?.organization]);
  });

  test('shows who is unprotected in each tenant, and keeps the filters in the URL', async () => {
    const customer = await readCustomer();
    const first = customer.tenants[0]?.name ?? '';
    await page.goto(url);
    await page.getByRole('link', { name: customer.organization, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: customer.organization }).waitFor();
    for (const { name, users } of customer.tenants) {
      expect(await usersShown(name)).toContain(`of ${users.totalCount} user`);
    }
    await page.getByLabel('Protection').selectOption('Everyone');
    const everyone = (await readCustomer('{}')).tenants[0]?.users.totalCount ?? 0;
    await section(first).getByText(`of ${everyone} users`).waitFor();
    await page.getByLabel('Unprotected module').selectOption('OneDrive');
    const withoutOneDrive = await readCustomer('{ protection: { module: ONEDRIVE, isProtected: false } }');
    const text = `of ${withoutOneDrive.tenants[0]?.users.totalCount ?? 0} users`;
    await section(first).getByText(text).waitFor();
    expect(new URL(page.url()).search).toBe('?show=all&module=ONEDRIVE');
    await page.reload();
    await section(first).getByText(text).waitFor();
    expect(await page.getByLabel('Unprotected module').inputValue()).toBe('ONEDRIVE');
    await page.goBack();
    await section(first).getByText(`of ${everyone} users`).waitFor();
    await page.getByLabel('Search users').fill('nothing matches this');
    await section(first).getByText('No user matches.').waitFor();
    await page.goBack();
    await section(first).getByText(`of ${everyone} users`).waitFor();
    expect(await page.getByLabel('Search users').inputValue()).toBe('');
  });

  test('shows more users of one tenant, each once', async () => {
    const customer = await readCustomer('{}');
    const tenant = customer.tenants.find(({ users }) => users.totalCount > 10 && users.totalCount <= 20);
    const { name, users } = tenant ?? customer.tenants[0] ?? { name: '', users: { totalCount: 0 } };
    await page.goto(`${url}/customers/${customer.customerId}?show=all`);
    const shown = Math.min(20, users.totalCount);
    await section(name).getByRole('button', { name: 'More users' }).dblclick();
    await until(async () => (await usersShown(name))?.startsWith('10 of') === false);
    expect(await usersShown(name)).toBe(`${shown} of ${users.totalCount} users`);
    expect(await section(name).getByRole('listitem').count()).toBe(shown);
  });

  const active = '{ status: { none: [SIGN_IN_BLOCKED, INACTIVE, PENDING_DELETION, TEST_USER] } }';
  const bars = (name: RegExp) => page.getByRole('img', { name }).locator('.recharts-bar-rectangle');

  test('counts all users or active ones, as the URL says, in numbers, bars and order', async () => {
    const { data } = await gateway.queryText(`{
      protectionSummary(users: ${active}) { userCount protectedCount }
      customers(users: ${active}, orderBy: COVERAGE_ASC, first: 20) { nodes { customerId organization } }
    }`);
    const { userCount, protectedCount } = data?.['protectionSummary'] as Awaited<
      ReturnType<typeof readSummary>
    >;
    const { nodes } = data?.['customers'] as { nodes: readonly Customer[] };
    await page.goto(url);
    await page.getByLabel('Who counts').selectOption('Active users');
    const heading = `${format(protectedCount)} of ${format(userCount)} users protected`;
    await page.getByRole('heading', { name: heading }).waitFor();
    await until(async () => (await customerNames())[0] === nodes[0]?.organization);
    expect(await customerNames()).toEqual(nodes.map(({ organization }) => organization));
    expect(new URL(page.url()).search).toBe('?who=active');
    await bars(/worst first/)
      .first()
      .waitFor();
    expect(await page.locator('.chart .recharts-yAxis-tick-labels text').count()).toBe(20);
    await page.locator('.coverage a').first().click();
    await page.getByRole('heading', { level: 1, name: nodes[0]?.organization ?? '' }).waitFor();
    expect(new URL(page.url()).search).toBe('?who=active');
    expect(await page.getByLabel('Who counts').inputValue()).toBe('active');
    await page.getByRole('link', { name: 'All customers' }).click();
    await page.reload();
    await page.getByRole('heading', { name: heading }).waitFor();
    await page.getByLabel('Who counts').selectOption('All users');
    const all = await readSummary();
    await page.getByRole('heading', { name: `of ${format(all.userCount)} users protected` }).waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('shows the departments of a customer, worst first, as bars and as a table', async () => {
    const { customerId } = await readCustomer();
    const { data } = await gateway.queryText(`{ customer(customerId: "${customerId}") {
      protectionSummary(users: ${active}) { groups(by: DEPARTMENT, first: 20) { nodes { value coverage userCount protectedCount } } } } }`);
    const customer = data?.['customer'] as {
      protectionSummary: {
        groups: {
          nodes: readonly {
            value: string | null;
            coverage: number;
            userCount: number;
            protectedCount: number;
          }[];
        };
      };
    };
    const expected = customer.protectionSummary.groups.nodes
      .toSorted((one, other) => one.coverage - other.coverage)
      .map(({ value, userCount, protectedCount }) => [
        value ?? 'Without a department',
        `${protectedCount} of ${userCount}`,
      ]);
    await page.goto(`${url}/customers/${customerId}?who=active`);
    await bars(/departments/)
      .first()
      .waitFor();
    const rows = await section('Departments').locator('tbody tr').all();
    const shown = await Promise.all(rows.map((row) => row.locator('th, td').allInnerTexts()));
    expect(shown.map((cells) => cells.slice(0, 2))).toEqual(expected);
  });

  test('exports the users of a customer that the page shows', async () => {
    const filter = `{ protection: { state: PROTECTED }, status: { none: [SIGN_IN_BLOCKED, INACTIVE, PENDING_DELETION, TEST_USER] } }`;
    const { customerId, tenants } = await readCustomer(filter);
    await page.goto(`${url}/customers/${customerId}?who=active&show=PROTECTED`);
    const downloads = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export as CSV' }).click();
    const download = await downloads;
    expect(download.suggestedFilename()).toBe('users.csv');
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(lines[0]).toContain('organization');
    expect(lines.length - 1).toBe(tenants.reduce((sum, { users }) => sum + users.totalCount, 0));
    expect(lines.slice(1).filter((line) => !line.includes(customerId))).toEqual([]);
  });

  test('runs a live report to its totals, which can be stopped and started again', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<undefined>((resolve) => {
      release = () => {
        resolve(undefined);
      };
    });
    const { tenants } = await readCustomer();
    await replaceGateway(({ path }) => (path.includes(tenants[0]?.tenantId ?? '') ? released : undefined));
    await page.goto(`${url}/report`);
    await page.getByRole('button', { name: 'Start the report' }).click();
    const total = await section('Progress')
      .getByText(/[1-9]\d* of \d+ tenants/)
      .textContent();
    const [done, all] = (total ?? '').split(' of ').map((text) => parseInt(text));
    expect(done).toBeLessThan(all ?? 0);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('The report was stopped before its end.').waitFor();
    expect(await section('Totals').count()).toBe(0);
    release();
    await page.getByRole('button', { name: 'Start the report' }).click();
    await page.getByText('The report is finished.').waitFor();
    const { userCount } = await readSummary();
    await section('Totals')
      .getByRole('heading', { name: `of ${format(userCount)} users protected` })
      .waitFor();
    await section('Progress')
      .getByText(`${all ?? 0} of ${all ?? 0} tenants`)
      .waitFor();
  });

  test('says what could not be read, shows the rest, and tries again', async () => {
    const { customerId, organization, tenants } = await readCustomer();
    const [bad, good] = tenants;
    let isBroken = true;
    await replaceGateway(({ path }) =>
      isBroken && path.includes(bad?.tenantId ?? '') ? { status: 403, body: '{}' } : undefined,
    );
    await page.goto(url);
    const alert = page.getByRole('alert').first();
    await alert.getByText('Not counted, because it could not be read: 1 tenant').waitFor();
    const broken = page.getByRole('listitem').filter({ hasText: organization });
    await broken.getByText('Not all tenants could be read').waitFor();
    expect((await customerNames()).length).toBe(20);
    await page.goto(`${url}/customers/${customerId}`);
    await section(bad?.name ?? '')
      .getByText('The users of this tenant could not be read.')
      .waitFor();
    expect(await usersShown(good?.name ?? '')).toContain(`of ${good?.users.totalCount ?? 0} user`);
    isBroken = false;
    // The gateway leaves a path alone for a moment that has just been forbidden.
    const users = section(bad?.name ?? '').getByText(`of ${bad?.users.totalCount ?? 0} user`);
    await until(async () => {
      if ((await users.count()) > 0) return true;
      await alert
        .getByRole('button', { name: 'Try again' })
        .click({ timeout: 1000 })
        .catch(() => undefined);
      return false;
    });
    await until(async () => (await alert.count()) === 0);
  });

  test('says when the gateway does not answer', async () => {
    await page.route('**/graphql', (route) => route.abort());
    await page.goto(url);
    await page.getByText('The gateway did not answer.').first().waitFor();
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.getByText('20 of 30 customers').waitFor();
    await until(async () => (await page.getByRole('alert').count()) === 0);
    await page.route('**/graphql', (route) => route.abort());
    await page.getByRole('button', { name: 'More customers' }).click();
    await page.getByText('The gateway did not answer.').waitFor();
    expect((await customerNames()).length).toBe(20);
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'More customers' }).click();
    await page.getByText('30 of 30 customers').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('can be used by keyboard', async () => {
    const { customerId } = await readCustomer('{}');
    await page.goto(url);
    const [first] = await readCustomers();
    await page.getByText('20 of 30 customers').waitFor();
    await page.getByLabel('Search customers').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: first?.organization ?? '' }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe(first?.organization);
    await page.goto(`${url}/customers/${customerId}?show=all`);
    const more = page.getByRole('button', { name: 'More users' }).first();
    await more.focus();
    await page.keyboard.press('Enter');
    await page
      .getByText(/^(1[1-9]|20) of \d+ users/)
      .first()
      .waitFor();
  });

  test('fits narrow and wide windows, light and dark, without findings of axe or words of the schema', async () => {
    const { customerId } = await readCustomer();
    const backgrounds = new Set<string>();
    for (const [path, shown] of [
      ['/', '20 of 30 customers'],
      [`/customers/${customerId}?show=all`, /of \d+ users/],
      ['/report', 'The report is finished.'],
    ] as const) {
      await page.goto(url + path);
      if (path === '/report') await page.getByRole('button', { name: 'Start the report' }).click();
      await page.getByText(shown).first().waitFor();
      if (path !== '/report') await page.locator('.recharts-bar-rectangle').first().waitFor();
      await page.addScriptTag({ path: axePath });
      for (const width of [390, 1440]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height: 900 });
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          const seen = await page.evaluate<Observed>(observe);
          expect({ path, width, colorScheme, ...seen }).toMatchObject({
            overflow: 0,
            findings: [],
            enums: [],
            paleLabels: 0,
          });
          backgrounds.add(seen.background);
          const folder = process.env['SCREENSHOTS'];
          if (folder === undefined) continue;
          const name = `dashboard-${path.split('/')[1] ?? ''}-${width}-${colorScheme}.png`;
          await page.screenshot({ path: `${folder}/${name}`, fullPage: true });
        }
      }
    }
    expect(backgrounds.size).toBe(2);
  });
});
