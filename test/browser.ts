/** A real browser. Without one, the tests that need it are skipped, except in CI, which must have one. */
import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';

const path = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((candidate) => candidate !== undefined && existsSync(candidate));

export const describeWithBrowser =
  path === undefined && process.env['CI'] === undefined ? describe.skip : describe;

/** @param flags of Chromium, beside the usual ones */
export function startBrowser(flags: readonly string[] = []): Promise<Browser> {
  if (path === undefined) throw new Error('CI needs Chromium: install it or set CHROMIUM_PATH.');
  return chromium.launch({
    executablePath: path,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...flags,
    ],
  });
}
