/** References: paths that the pages name exist, and the metrics are those of the code. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Metrics } from '../../src/telemetry/metrics.ts';

const urlOf = (path: string) => new URL(`../../${path}`, import.meta.url);
const read = (path: string) => readFileSync(urlOf(path), 'utf8');
const missing = (paths: readonly string[]) => paths.filter((path) => !existsSync(urlOf(path)));
const sectionOf = (page: string, title: string) =>
  page.split(`## ${title}\n`, 2)[1]?.split(/^## /m, 1)[0] ?? '';
const pathsIn = (text: string) => [...text.matchAll(/`(src\/[\w./-]*)`/g)].map(([, path = '']) => path);

test('each question of the architecture has a file to open', () => {
  const page = read('docs/architecture.md');
  const questions = sectionOf(page, 'Where to look').match(/^- .*\? .*$/gm) ?? [];
  expect(questions).toHaveLength(16);
  for (const question of questions) expect([question, pathsIn(question)]).not.toEqual([question, []]);
  const paths = pathsIn(page);
  expect(paths.length).toBeGreaterThan(25);
  expect(missing(paths)).toEqual([]);
});

test('each promise names tests that exist', () => {
  const promises = read('docs/promises.md').match(/^- .*$/gm) ?? [];
  expect(promises.length).toBeGreaterThan(40);
  for (const promise of promises) {
    const paths = [...promise.matchAll(/`([\w./-]*\.test\.ts)`/g)].map(([, path = '']) => `test/${path}`);
    expect([promise, paths]).not.toEqual([promise, []]);
    expect(missing(paths)).toEqual([]);
  }
});

test('docs/metrics.md has every metric with its labels, and no other', () => {
  const metrics = new Metrics();
  const limiter = { inFlight: 0, waiting: 0, limit: 0, pausedMs: 0 };
  metrics.watch(() => ({
    ...{
      requestsInFlight: 0,
      subscriptions: 0,
      schedulerDelayMs: 0,
      cacheBytes: 0,
      answerBytes: 0,
      faults: 0,
    },
    redis: { isUp: true, latencyMs: 0 },
    upstreams: [{ profile: '', limiter, openEndpoints: [] }],
  }));
  metrics.watchDroppedLines(() => ({}));
  const registered = metrics.registry.getMetricsAsArray().flatMap((metric) => {
    const labels = 'labelNames' in metric ? (metric.labelNames as readonly string[]) : [];
    const name = /^elements_graph_(.*)$/.exec(metric.name)?.[1];
    if (name === undefined) return [];
    return [labels.length === 0 ? name : `${name}{${labels.join(', ')}}`];
  });
  const rows = [...read('docs/metrics.md').matchAll(/^- `(.*?)`/gm)].map(([, name = '']) => name);
  expect(registered.length).toBeGreaterThan(10);
  expect(rows.toSorted()).toEqual(registered.toSorted());
});
