import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/environment.js',
  globalSetup: '<rootDir>/test/build.js',
  setupFiles: ['<rootDir>/test/bounded-shrinking.ts'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  // More than the cores, since some tests wait for real time.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  // A worker keeps some memory of each file that it ran, which each of its collections goes through again.
  workerIdleMemoryLimit: '512MB',
  // For tests that hang: a busy machine may take its time for those that do not, so that no test sets a shorter one.
  testTimeout: 900_000,
};
