/** The explorer's page in Chromium, and what stands around it in a deployment. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { hashKey } from '../../src/callers/api-keys.ts';
import type { CallersConfig } from '../../src/callers/callers.ts';

/** Resolves when the page can be used: its editor is there, and has the operation's text. */
export async function openExplorer(page: Page, url: string, operation = 'WhoIsProtected'): Promise<void> {
  await page.goto(url);
  await page.locator('.graphiql-query-editor').getByText(operation).first().waitFor();
}

/** The names of the tabs that are open. */
export function tabsOf(page: Page): Promise<string[]> {
  return page.locator('.graphiql-tab-button').allInnerTexts();
}

/** Opens the tab of an operation, from the menu of examples if there is none yet. */
export async function openTab(page: Page, name: string): Promise<void> {
  const tab = page.locator('.graphiql-tab-button', { hasText: name }).first();
  if ((await tab.count()) > 0) await tab.click();
  else await openExample(page, questionOf(name));
  await page.locator('.graphiql-tab-active', { hasText: name }).waitFor();
}

export async function openExample(page: Page, question: string): Promise<void> {
  await page.getByRole('button', { name: 'Examples' }).click();
  await page.getByRole('menuitem', { name: question, exact: true }).click();
}

const examples = new URL('../../examples/queries/', import.meta.url);

function questionOf(operation: string): string {
  const texts = readdirSync(examples).map((file) => readFileSync(new URL(file, examples), 'utf8'));
  const text =
    texts.find((each) => new RegExp(`^(query|subscription) ${operation}\\b`, 'm').test(each)) ?? '';
  return /^# (.*)/.exec(text)?.[1] ?? '';
}

export async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).innerText()).replaceAll('\u00a0', ' ');
}

export interface GuardedCallers {
  readonly callers: Extract<CallersConfig, { readonly kind: 'known' }>;
  readonly remove: () => void;
}

/** Callers of whom one is known, by the key `a-key`. */
export function guardedCallers(): GuardedCallers {
  const folder = mkdtempSync(join(tmpdir(), 'explorer-'));
  const keysFile = join(folder, 'keys.json');
  const keys = [{ name: 'reader', sha256: hashKey('a-key'), customers: 'all' }];
  writeFileSync(keysFile, JSON.stringify({ keys }));
  return {
    callers: { kind: 'known', keysFile, tokens: null, requestsPerMinute: null },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

export interface PrefixProxy {
  readonly url: string;
  readonly stop: () => Promise<unknown>;
}

/**
 * A proxy that serves a gateway below a prefix, and nothing else. It does not rewrite what the gateway sends.
 *
 * @param gatewayUrl of the gateway that is there when a request arrives
 */
export async function startPrefixProxy(prefix: string, gatewayUrl: () => string): Promise<PrefixProxy> {
  const server = createServer((request, response) => {
    const { url = '', method, headers } = request;
    if (!url.startsWith(`${prefix}/`)) {
      response.writeHead(404).end();
      return;
    }
    const target = new URL(url.slice(prefix.length), gatewayUrl());
    const forwarded = send(target, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
