/** GraphiQL in a real browser. */
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { describeWithBrowser, startBrowser } from '../browser.ts';
import { startGatewayUnderTest } from '../gateway-under-test.ts';
import { useGateway } from '../use-gateway.ts';
import { openExplorer, openTab } from '../graphiql/explorer-page.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';

describeWithBrowser('the explorer', () => {
  let browser: Browser;
  let page: Page;
  const elsewhere: string[] = [];
  const faults: string[] = [];

  afterAll(() => browser.close());
  const gateway = useGateway({
    world: createGeneratedWorld({ seed: 1, customers: 12, tenantsPerCustomer: 1, usersPerTenant: 20 }),
  });
  beforeAll(async () => {
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(600_000);
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(gateway.url) && !/^(data|blob):/.test(url)) elsewhere.push(url);
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await openExplorer(page, `${gateway.url}/graphql`);
    // The ids of the examples have been found.
    await openTab(page, 'ByNodeId');
    await page
      .locator('.graphiql-editor-tool')
      .getByText(/"id":\s"\w{20}/)
      .first()
      .waitFor();
  });

  async function run(tab: string): Promise<string> {
    await openTab(page, tab);
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

  const queries = ['WhoIsProtected', 'WhoIsUnprotected', 'WorstCoveredCustomers', 'OneUser', 'SomeCustomers'];
  test.each([...queries, 'CoverageByDepartment', 'WastedSeats', 'CustomerDirectory', 'ByNodeId'])(
    'runs %s with ids that exist',
    async (tab) => {
      const answered = page.waitForResponse((response) =>
        (response.request().postData() ?? '').includes(`query ${tab}`),
      );
      await run(tab);
      const answer = (await (await answered).json()) as { data: Record<string, unknown>; errors?: unknown };
      expect(answer.errors).toBeUndefined();
      for (const value of Object.values(answer.data)) expect(value).not.toBeNull();
    },
  );

  test.each(['light', 'dark'] as const)('draws the upstream calls of an operation (%s)', async (scheme) => {
    const tab = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: scheme });
    tab.setDefaultTimeout(600_000);
    tab.on('pageerror', (error) => faults.push(error.message));
    const fresh = await startGatewayUnderTest({
      world: createGeneratedWorld({ seed: 2, customers: 8, tenantsPerCustomer: 2, usersPerTenant: 60 }),
      latencyMs: 15,
    });
    try {
      await openExplorer(tab, `${fresh.url}/graphql`);
      await openTab(tab, 'OneUser');
      await tab
        .locator('.graphiql-editor-tool')
        .getByText(/"email":\s"\w/)
        .first()
        .waitFor();
      await openTab(tab, 'Dashboard');
      await tab.locator('.graphiql-query-editor').getByText('Dashboard').first().waitFor();
      await tab.getByRole('button', { name: /Upstream calls/ }).click();
      const panel = tab.getByRole('region', { name: 'Upstream calls' });
      await panel.getByText('Press the play button').waitFor();
      fresh.calls.length = 0;
      await tab.locator('.graphiql-execute-button').click();
      const total = (name: string) =>
        panel.locator('.upstream-totals > div', { hasText: name }).locator('dd').innerText();
      await panel.getByRole('group', { name: /users/ }).first().waitFor();
      expect(await panel.getByText('Dashboard').innerText()).toBe('Dashboard');
      // What the page's own questions had brought is from the cache.
      expect(await total('Calls')).toBe(String(fresh.calls.length));
      expect(Number(await total('From the cache'))).toBeGreaterThan(0);
      const lanes = await panel.locator('.upstream-lane').allInnerTexts();
      expect(lanes.map((lane) => lane.replaceAll('\u00a0', ' ').trim())).toEqual([
        'POST /partner/external/v3/general/customers/batch',
        'POST /partner/external/v3/um/customers/{customerId}/tenants/{tenantId}/users/batch',
        'POST /partner/external/v3/general/customers/{customerId}/tenants/{tenantId}/cloud-backup-m365/users/batch',
      ]);
      // What is explained for the panel is not in the way of the answer.
      expect(await tab.locator('.result-window').innerText()).not.toContain('extensions');
      // By which call is drawn first: of a page, for one list, or by keys, for the users of several.
      const place = panel.getByText(/customers\.nodes\.[\d*]+\.tenants\.[\d*]+\.users/).first();
      const lane = panel.getByRole('group', { name: /cloud-backup/ });
      await untilShown(place, async () => {
        await tab.mouse.move(0, 0);
        await lane
          .getByRole('button', { name: /^Call of the API: \d/ })
          .first()
          .hover();
      });
      // The tab key reaches one bar, and arrows the others.
      expect(await panel.locator('button.upstream-bar[tabindex="0"]').count()).toBe(1);
      await panel.locator('button.upstream-bar').first().focus();
      const chosen = panel.locator('.upstream-details').getByText('From the cache, at');
      await chosen.waitFor();
      await tab.keyboard.press('ArrowDown');
      await panel.locator('.upstream-details').getByText('/v3/um/customers/').waitFor();
      await tab.keyboard.press('End');
      await tab.keyboard.press('ArrowUp');
      await chosen.waitFor();
      // What passes beneath a pointer that rests is not pointed at.
      for (let step = 0; step < 8; step++) {
        await tab.evaluate(`document.querySelector('.graphiql-plugin').scrollBy(0, 16)`);
        await tab.waitForTimeout(50);
      }
      expect(await chosen.isVisible()).toBe(true);
      const folder = new URL('../../coverage/', import.meta.url);
      await tab.screenshot({ path: new URL(`upstream-${scheme}.png`, folder).pathname });
      await tab.locator('.graphiql-execute-button').click();
      await panel
        .locator('.upstream-totals > div', { hasText: 'Calls' })
        .locator('dd', { hasText: /^0$/ })
        .waitFor();
      // A report replaces the picture, and counts its calls.
      await openTab(tab, 'ProtectionReport');
      await tab.locator('.graphiql-query-editor').getByText('subscription').first().waitFor();
      await tab.locator('.graphiql-execute-button').click();
      await panel.getByText('This one has ended').waitFor();
      expect(await panel.locator('.upstream-operation').innerText()).toBe('of ProtectionReport');
      expect(await panel.locator('button.upstream-bar').count()).toBe(0);
      expect(Number(await total('Calls'))).toBeGreaterThan(0);
      expect(await total('Tenants read')).toBe(await total('Tenants in all'));
    } finally {
      await tab.close();
      await fresh.stop();
    }
  });

  test('runs a report, and shows how far it has come and how it ends', async () => {
    await openTab(page, 'ProtectionReport');
    await page.locator('.graphiql-execute-button').click();
    const response = page.locator('.result-window');
    await response.getByText('"tenantsDone"').first().waitFor();
    await response.getByText('"partiallyProtectedCount"').first().waitFor();
    await response.getByText('"totals": {').first().waitFor();
    expect((await response.innerText()).replaceAll('\u00a0', ' ')).toMatch(
      /"tenantsDone": (\d+),\s*"tenantsTotal": \1,/,
    );
    const folder = new URL('../../coverage/', import.meta.url);
    await page.screenshot({ path: new URL('report.png', folder).pathname });
  });

  test('asks no other host for anything, and reports no fault', () => {
    expect(elsewhere).toEqual([]);
    expect(faults).toEqual([]);
  });
});

/** Acts until what is looked for is shown, and waits twice as long after each time: a busy machine is slow to show. */
async function untilShown(locator: Locator, act: () => Promise<void>): Promise<void> {
  for (let waitMs = 3000; ; waitMs *= 2) {
    await act();
    const shown = await locator.waitFor({ timeout: waitMs }).then(
      () => true,
      () => false,
    );
    if (shown) return;
  }
}
