/** The explorer's page in Chromium: how it is opened, by whom, from where, and on which screen. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { describeWithBrowser, startBrowser } from '../browser.ts';
import type { GatewayUnderTest, GatewayUnderTestOptions } from '../gateway-under-test.ts';
import { useGateways } from '../use-gateway.ts';
import {
  guardedCallers,
  openExample,
  openExplorer,
  openTab,
  startPrefixProxy,
  tabsOf,
  textOf,
  type PrefixProxy,
} from './explorer-page.ts';

const world = createGeneratedWorld({ seed: 3, customers: 6, tenantsPerCustomer: 1, usersPerTenant: 20 });
const variables = '.graphiql-editor-tool .view-lines >> nth=0';

describeWithBrowser('the page of the explorer', () => {
  let browser: Browser;
  let page: Page;
  let gateway: GatewayUnderTest;
  /** The address of each test's gateway: a tab compiles the scripts of an address once, and a new one takes 3 s of CPU. */
  let front: PrefixProxy;
  let url: string;
  const faults: string[] = [];

  beforeAll(async () => {
    front = await startPrefixProxy('', () => gateway.url);
    url = `${front.url}/graphql`;
    browser = await startBrowser();
    page = await browser.newPage();
    page.setDefaultTimeout(600_000);
    page.on('pageerror', (error) => faults.push(error.message));
  });
  afterAll(async () => {
    await browser.close();
    await front.stop();
  });
  afterEach(async () => {
    await page.unrouteAll();
    // The explorer stores its tabs when it is left: another page of the same origin clears them.
    await page.goto(`${front.url}/health/live`);
    await page.evaluate('localStorage.clear(), sessionStorage.clear()');
    expect(faults.splice(0)).toEqual([]);
  });
  const startGateway = useGateways();

  async function start(
    options: Partial<GatewayUnderTestOptions> = {},
    width = 1440,
    height = 900,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<void> {
    gateway = await startGateway({ world, ...options });
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
  }

  test('is there at once with an upstream that hangs, and fills its examples when that answers', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<undefined>((resolve) => {
      release = () => {
        resolve(undefined);
      };
    });
    await start({ intercept: () => released });
    await openExplorer(page, url);
    // Painted though the upstream has answered nothing: how soon depends on the machine, and is no matter of a test.
    const painted = await page.evaluate<number>(
      "performance.getEntriesByName('first-contentful-paint').length",
    );
    expect(painted).toBe(1);
    expect(gateway.calls.length).toBeLessThanOrEqual(1);
    await openTab(page, 'OneUser');
    await page.locator(variables).getByText('"u": ""').waitFor();
    await openTab(page, 'SomeCustomers');
    await page.locator(variables).getByText('"ids": []').waitFor();
    // What the reader has written stays.
    await page.locator('.graphiql-editor-tool').first().click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText('{"ids": null}');
    await page.locator(variables).getByText('"ids": null').waitFor();
    // GraphiQL keeps what was typed a moment later.
    await page.waitForTimeout(1000);
    await openTab(page, 'OneUser');
    release();
    await page
      .locator(variables)
      .getByText(/"u":\s"\w{8}-/)
      .waitFor();
    await openTab(page, 'ByNodeId');
    await page
      .locator(variables)
      .getByText(/"id":\s"\w{20}/)
      .waitFor();
    await openTab(page, 'SomeCustomers');
    await page.locator(variables).getByText('"ids": null').waitFor();
  });

  test('opens the operation of a link, and does not run it', async () => {
    await start();
    const query = 'query First { __typename } query Linked($n: Int) { customers(first: $n) { totalCount } }';
    const link = `${url}?${new URLSearchParams({ query, variables: '{"n":2}', operationName: 'Linked' }).toString()}`;
    await openExplorer(page, link, 'Linked');
    await page.locator(variables).getByText('"n": 2').waitFor();
    expect(await page.locator('.run-hint').innerText()).toContain('Press the play button');
    expect((await tabsOf(page)).slice(0, 2)).toEqual(['Linked', 'WhoIsProtected']);
    // Nor does the page ask the upstream for anything before the reader does something.
    await page.waitForTimeout(1000);
    expect(gateway.audit.map(({ operation }) => operation)).not.toContain('Linked');
    expect(gateway.calls).toEqual([]);
    // To a browser that has been there before, it is one tab more, and the same one from then on.
    await page.waitForTimeout(1000);
    const before = await tabsOf(page);
    const other = `${url}?query=${encodeURIComponent('query Another { customers { totalCount } }')}`;
    for (let time = 0; time < 2; time++) {
      await openExplorer(page, other, 'Another');
      expect(await tabsOf(page)).toEqual([...before, 'Another']);
      await page.waitForTimeout(1000);
    }
  });

  test.each(['query Refused { customers { total } }', 'subscription Refused { protectionReport { total } }'])(
    'says that a refused operation made no calls: %s',
    async (query) => {
      await start();
      await openExplorer(page, `${url}?query=${encodeURIComponent(query)}`, 'Refused');
      await page.getByRole('button', { name: /Upstream calls/ }).click();
      await page.locator('.graphiql-execute-button').click();
      await page.locator('.upstream').getByText('None: it was refused.').waitFor();
      await page.locator('.result-window').getByText('"errors"').first().waitFor();
    },
  );

  const boxOf = (selector: string) =>
    page.evaluate<{ left: number; right: number; top: number; bottom: number }>(
      `(({ left, right, top, bottom }) => ({ left, right, top, bottom }))(
        document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`,
    );

  test('has a short row of tabs, and each other example in a menu by its question', async () => {
    await start();
    await openExplorer(page, url);
    expect(await tabsOf(page)).toEqual([
      ...['WhoIsProtected', 'WhoIsUnprotected', 'WorstCoveredCustomers', 'CoverageByDepartment'],
    ]);
    const isShort = await page.evaluate(
      '((bar) => bar.scrollWidth <= bar.clientWidth)(document.querySelector(".graphiql-tabs"))',
    );
    expect(isShort).toBe(true);
    await openExample(
      page,
      'Which accounts are blocked, about to be deleted or have ended, and still take a seat of the backup',
    );
    await page.locator('.graphiql-query-editor').getByText('WastedSeats').first().waitFor();
    await page
      .locator(variables)
      .getByText(/"today":\s"20\d\d-/)
      .waitFor();
    expect((await tabsOf(page)).slice(4)).toEqual(['WastedSeats']);
    await page.locator('.graphiql-execute-button').click();
    await page.locator('.result-window').getByText('SIGN_IN_BLOCKED').first().waitFor();
    // One that is open is shown, and not opened once more.
    await openExample(
      page,
      'How well each department is covered, the worst first, counting active users alone',
    );
    await page.locator('.graphiql-tab-active', { hasText: 'CoverageByDepartment' }).waitFor();
    await page.locator('.graphiql-execute-button').click();
    await page.locator('.result-window').getByText('"groups"').first().waitFor();
    expect(await tabsOf(page)).toHaveLength(5);
    await page.getByRole('button', { name: 'Examples' }).click();
    const questions = await page.getByRole('menuitem').allInnerTexts();
    expect(questions).toHaveLength(readdirSync(new URL('../../examples/queries/', import.meta.url)).length);
    expect(questions.filter((question) => question === '')).toEqual([]);
  });

  test('shows the tab of a link to a reader who has more tabs than the bar has room for', async () => {
    await start({}, 900, 800);
    await openExplorer(page, url);
    for (const name of ['WastedSeats', 'WhatHasNoUser', 'OldPasswords', 'Dashboard', 'ProtectionReport'])
      await openTab(page, name);
    // GraphiQL stores tabs a moment later.
    await page.waitForTimeout(1000);
    const query = 'query FromALink { customers { totalCount } }';
    await openExplorer(page, `${url}?query=${encodeURIComponent(query)}`, 'FromALink');
    expect((await tabsOf(page)).length).toBe(10);
    const [bar, tab] = [await boxOf('.graphiql-tabs'), await boxOf('.graphiql-tab-active')];
    expect(await page.locator('.graphiql-tab-active').innerText()).toBe('FromALink');
    expect(tab.left).toBeGreaterThanOrEqual(bar.left - 1);
    expect(tab.right).toBeLessThanOrEqual(bar.right + 1);
  });

  test('brings the answer into view on a phone without moving the focus', async () => {
    await start({}, 390, 844);
    await openExplorer(page, url);
    expect((await boxOf('.graphiql-response')).bottom).toBeGreaterThan(1000);
    await page.locator('.graphiql-execute-button').click();
    await page.locator('.result-window').getByText('"totalCount"').first().waitFor();
    const { top, bottom } = await boxOf('.graphiql-response');
    expect(top).toBeGreaterThanOrEqual(0);
    expect(bottom).toBeLessThanOrEqual(845);
    expect(await page.evaluate('document.activeElement.className')).toContain('graphiql-execute-button');
    await page.screenshot({
      path: new URL('../../coverage/explorer-answer-390.png', import.meta.url).pathname,
    });
  });

  test('runs an operation whose play button was pressed before the editor was there', async () => {
    await start();
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(/monaco-editor-[^/]+\.js$/, async (route) => {
      await released;
      await route.continue();
    });
    await page.goto(url);
    expect(await page.getByRole('button', { name: 'Examples' }).isDisabled()).toBe(true);
    await page.locator('.graphiql-execute-button').click();
    await page.getByRole('status').getByText('will be run when it is ready').waitFor();
    release();
    await page.locator('.result-window').getByText('"totalCount"').first().waitFor();
    expect(gateway.audit.filter(({ operation }) => operation === 'WhoIsProtected')).toHaveLength(1);
  });

  test('needs no credential, says what is wrong with one, and fills its examples with a right one', async () => {
    const guarded = guardedCallers();
    try {
      await start({ callers: guarded.callers });
      const query = '?query=query+Linked+%7B+customers+%7B+totalCount+%7D+%7D';
      await openExplorer(page, `${url}${query}`, 'Linked');
      const form = page.locator('.credential');
      await form.getByText('needs an API key or token').waitFor();
      await page.locator('.graphiql-execute-button').click();
      await page.locator('.result-window').getByText('This gateway needs an API key').waitFor();
      await openTab(page, 'ProtectionReport');
      await page.locator('.graphiql-execute-button').click();
      await page.locator('.result-window').getByText('This gateway needs an API key').waitFor();
      expect(await textOf(page, '.result-window')).not.toContain('stack');
      await form.locator('input').fill('no-key');
      await form.getByRole('button').click();
      await form.getByText('is wrong').waitFor();
      await form.locator('input').fill('a-key');
      await form.getByRole('button').click();
      await form.getByText('accepted').waitFor();
      await openTab(page, 'OneUser');
      await page
        .locator(variables)
        .getByText(/"u":\s"\w{8}-/)
        .waitFor();
      await page.locator('.graphiql-execute-button').click();
      await page.locator('.result-window').getByText('"directoryEntry"').waitFor();
      // The tab keeps it, also when the page is loaded again.
      await page.reload();
      await form.getByText('accepted').waitFor();
      const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
      const [forever, forTheTab] = JSON.parse(String(kept)) as [object, object];
      expect(JSON.stringify(forever)).not.toContain('a-key');
      expect(JSON.stringify(forTheTab)).toContain('a-key');
      await form.getByRole('button', { name: 'Forget' }).click();
      await form.getByText('needs an API key or token').waitFor();
    } finally {
      guarded.remove();
    }
  });

  describe('works below a prefix that a proxy removes', () => {
    let proxy: PrefixProxy;
    beforeAll(async () => {
      proxy = await startPrefixProxy('/some/graph', () => gateway.url);
    });
    afterEach(async () => {
      await page.goto(`${proxy.url}/health/live`);
      await page.evaluate('localStorage.clear(), sessionStorage.clear()');
    });
    afterAll(() => proxy.stop());

    test.each(['/graphql', '/graphql/', '/'])('%s', async (path) => {
      await start();
      await openExplorer(page, proxy.url + path);
      expect(page.url()).toBe(`${proxy.url}/graphql`);
      await page.locator('.graphiql-execute-button').click();
      await page.locator('.result-window').getByText('"totalCount"').first().waitFor();
      await openTab(page, 'ProtectionReport');
      await page.locator('.graphiql-execute-button').click();
      await page.locator('.result-window').getByText('"tenantsDone"').first().waitFor();
    });
  });

  test('shows the schema without the plumbing of federation', async () => {
    await start();
    await openExplorer(page, url);
    await page.getByRole('button', { name: /Documentation Explorer/ }).click();
    const docs = page.locator('.graphiql-plugin');
    await docs.getByText('ProtectionStatus').first().waitFor();
    const types = await docs.innerText();
    for (const name of ['_Any', '_Entity', '_Service', 'link__', 'federation__'])
      expect(types).not.toContain(name);
    await docs.getByText('Query', { exact: true }).first().click();
    await docs.getByText('customers').first().waitFor();
    expect(await docs.innerText()).not.toMatch(/_entities|_service/);
    // The schema itself has it.
    const { data } = await gateway.queryText('{ _service { sdl } }');
    expect(data).not.toBeNull();
  });

  /** Of GraphiQL's own markup: the contrast of its editors' colours, and tabs that are buttons and contain some. */
  const ofGraphiQL = ['.monaco-editor', '.graphiql-tab'];

  test.each([
    [1440, 'light'],
    [1440, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('can be read and used at %d pixels (%s)', async (width, colorScheme) => {
    const guarded = guardedCallers();
    try {
      await start({ callers: guarded.callers }, width, 844, colorScheme);
      await openExplorer(page, url);
      await page.locator('.credential input').fill('a-key');
      await page.locator('.credential').getByRole('button').click();
      await page.locator('.credential').getByText('accepted').waitFor();
      await page.getByRole('button', { name: /Upstream calls/ }).click();
      await page.locator('.graphiql-execute-button').click();
      await page.locator('button.upstream-bar.call').first().focus();
      await page.locator('.upstream-details dl').waitFor();
      const widths = await page.evaluate<
        number[]
      >(`['.graphiql-editors', '.graphiql-response', '.upstream'].map(
        (selector) => document.querySelector(selector).getBoundingClientRect().width)`);
      expect(Math.min(...widths)).toBeGreaterThan(300);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.evaluate(
        readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'),
      );
      const found =
        await page.evaluate(`axe.run({ exclude: ${JSON.stringify(ofGraphiQL)} }).then(({ violations }) =>
        violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => [id, target, failureSummary])))`);
      expect(found).toEqual([]);
      await page.screenshot({
        path: new URL(`../../coverage/explorer-${width}-${colorScheme}.png`, import.meta.url).pathname,
        fullPage: true,
      });
    } finally {
      guarded.remove();
    }
  });

  test('shows the whole answer of an operation that asks for the schema too', async () => {
    await start();
    const query = 'query Both { __schema { queryType { name } } customers { totalCount } }';
    await openExplorer(page, `${url}?query=${encodeURIComponent(query)}`, 'Both');
    await page.locator('.graphiql-execute-button').click();
    await page.locator('.result-window').getByText('"queryType"').waitFor();
    await page.locator('.result-window').getByText('"totalCount"').waitFor();
  });
});
