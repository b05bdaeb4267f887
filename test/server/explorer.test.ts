/** GraphiQL in a real browser. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { hashKey } from '../../src/callers/api-keys.ts';
import { describeWithBrowser, startBrowser } from '../browser.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../gateway-under-test.ts';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';

describeWithBrowser('the explorer', () => {
  let gateway: GatewayUnderTest;
  let browser: Browser;
  let page: Page;
  const elsewhere: string[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    gateway = await startGatewayUnderTest({
      world: createGeneratedWorld({ seed: 1, customers: 12, tenantsPerCustomer: 1, usersPerTenant: 20 }),
    });
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

  test.each(['One', 'Again', 'Some', 'Directory', 'Coverage', 'Unprotected'])(
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
      await tab.goto(`${fresh.url}/graphql`);
      await tab.getByRole('button', { name: /Upstream calls/ }).click();
      const panel = tab.getByRole('region', { name: 'Upstream calls' });
      await panel.getByText('Run an operation').waitFor();
      await tab.locator('.graphiql-query-editor').getByText('Dashboard').first().waitFor();
      fresh.calls.length = 0;
      await tab.locator('.graphiql-execute-button').click();
      const total = (name: string) =>
        panel.locator('.upstream-totals > div', { hasText: name }).locator('dd').innerText();
      await panel.getByRole('group', { name: /users/ }).first().waitFor();
      // What the page's own questions had brought is from memory.
      expect(await total('calls')).toBe(String(fresh.calls.length));
      expect(Number(await total('from memory'))).toBeGreaterThan(0);
      const lanes = await panel.getByRole('group').count();
      expect(lanes).toBe(3);
      // What is explained for the panel is not in the way of the answer.
      expect(await tab.locator('.result-window').innerText()).not.toContain('extensions');
      // By which call is drawn first: of a page, for one list, or by keys, for the users of several.
      const place = panel.getByText(/customers\.nodes\.[\d*]+\.tenants\.[\d*]+\.users/).first();
      await untilShown(place, async () => {
        await tab.mouse.move(0, 0);
        await panel
          .getByRole('button', { name: /^Called: protection/ })
          .first()
          .hover();
      });
      await panel
        .getByRole('button', { name: /^From memory: customers/ })
        .first()
        .focus();
      const chosen = panel.getByText('From memory: customers');
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
        .locator('.upstream-totals > div', { hasText: 'calls' })
        .locator('dd', { hasText: /^0$/ })
        .waitFor();
    } finally {
      await tab.close();
      await fresh.stop();
    }
  });

  test('runs a report, and shows how far it has come and how it ends', async () => {
    await page.locator('.graphiql-tab-button', { hasText: 'Report' }).first().click();
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

  test('takes a credential where one is asked for, and keeps it for the tab', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'explorer-'));
    const file = join(folder, 'keys.json');
    const keys = [{ name: 'reader', sha256: hashKey('a-key'), customers: 'all' }];
    writeFileSync(file, JSON.stringify({ keys }));
    const guarded = await startGatewayUnderTest({
      world: createGeneratedWorld({ seed: 1, customers: 3, tenantsPerCustomer: 1, usersPerTenant: 5 }),
      callers: { kind: 'known', keysFile: file, tokens: null },
    });
    const tab = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    tab.setDefaultTimeout(600_000);
    try {
      await tab.goto(`${guarded.url}/graphql`);
      await tab.locator('.credential input').fill('a-key');
      await tab.locator('.credential button').click();
      await tab.locator('.credential button', { hasText: 'Forget' }).waitFor();
      // What is clicked before the explorer has begun anew is not heard, and a second click ends what is slow.
      await untilShown(tab.locator('.result-window').getByText('"totalCount"').first(), () =>
        tab.locator('.graphiql-execute-button').click(),
      );
      expect(await tab.locator('.result-window').innerText()).toContain('totalCount');
      const kept = await tab.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
      const [forever, forTheTab] = JSON.parse(String(kept)) as [object, object];
      expect(JSON.stringify(forever)).not.toContain('a-key');
      expect(JSON.stringify(forTheTab)).toContain('a-key');
    } finally {
      await tab.close();
      await guarded.stop();
      rmSync(folder, { recursive: true });
    }
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
