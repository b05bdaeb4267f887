/** The quick tests, `npm run test:unit`: those that import nothing of what takes long. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import base from './jest.config.js';

/** Modules of gateways, of processes (Redis is one) and browsers, and of measurements. */
export const slowModules = [
  './src/gateway.ts',
  'node:child_process',
  'playwright-core',
  './test/cpu-time.ts',
  './test/execution/heap.ts',
];

/** Thousands of operations each: they take longer than all of the quick tests together. */
export const longSearches = ['test/execution/executor.test.ts', 'test/transport/repetitions.test.ts'];

/** Imports that exist at run time: statements, and calls. */
const importForm = /^(?:import|export) (?!type )[^'";]*'([^']+)'|\bimport\('([^']+)'\)/gm;

/** @type {Map<string, readonly string[]>} */
const importsByFile = new Map();

/** @param {string} file */
function importsOf(file) {
  let names = importsByFile.get(file);
  if (names === undefined) {
    names = [...readFileSync(new URL(file, import.meta.url), 'utf8').matchAll(importForm)]
      .map(([, named, called]) => named ?? called ?? '')
      .map((name) => (name.startsWith('.') ? `./${join(dirname(file), name)}` : name));
    importsByFile.set(file, names);
  }
  return names;
}

/**
 * What a test file imports, itself or through others.
 *
 * @param {string} file
 */
export function reachedFrom(file) {
  // The loop reaches what is added while it runs.
  const reached = new Set([`./${file}`]);
  for (const name of reached)
    if (/^\..*\.[jt]sx?$/.test(name)) for (const imported of importsOf(name)) reached.add(imported);
  return reached;
}

/** @param {string} file */
function isQuick(file) {
  const reached = reachedFrom(file);
  return !slowModules.some((name) => reached.has(name));
}

export const testFiles = readdirSync(new URL('test', import.meta.url), { recursive: true })
  .map((name) => `test/${String(name)}`)
  .filter((name) => name.endsWith('.test.ts'));

export const quickTests = testFiles.filter((name) => !longSearches.includes(name) && isQuick(name));

/** @type {import('jest').Config} */
export default { ...base, globalSetup: null, testMatch: quickTests.map((name) => `<rootDir>/${name}`) };
