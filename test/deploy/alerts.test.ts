/** The alert rules: by Prometheus's own tool, and that they fit the gateway's metrics and the runbook. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { Metrics } from '../../src/telemetry/metrics.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');
const executable = process.env['PROMTOOL_PATH'] ?? '/usr/bin/promtool';
/** What needs promtool is skipped without it, but not in CI, which has it. */
const hasPromtool = existsSync(executable) || process.env['CI'] !== undefined;

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const rules = (
  parse(read('deploy/alerts.yaml')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] }
).groups.flatMap((group) => group.rules);

(hasPromtool ? test : test.skip).each([
  ['are well-formed', ['check', 'rules', 'deploy/alerts.yaml']],
  ['fire when they should, and only then', ['test', 'rules', 'test/deploy/alerts.promtool.yaml']],
])('the alerts %s', (_what, words) => {
  const { status, stdout, stderr } = spawnSync(executable, words, { cwd: root, encoding: 'utf8' });
  expect(status === 0 ? '' : stdout + stderr).toBe('');
});

test('the alerts ask for metrics that there are', async () => {
  const metrics = new Metrics();
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
    upstreams: [],
  }));
  const names = new Set(
    [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const asked = rules.flatMap(({ expr }) => [...expr.matchAll(/\b(\w+)\{/g)].map(([, name = '']) => name));
  expect(asked.length).toBeGreaterThanOrEqual(rules.length);
  // Prometheus's own, of each target.
  expect(asked.filter((name) => name !== 'up' && !names.has(name))).toEqual([]);
});

test('each alert has a section of its own in the runbook, and each section an alert', () => {
  const runbook = read('docs/operating.md');
  const sections = new Map(
    runbook
      .slice(runbook.indexOf('## Alerts'), runbook.indexOf('## Traces'))
      .split(/^### /m)
      .slice(1)
      .map((section) => [/^\w+/.exec(section)?.[0] ?? '', section]),
  );
  expect([...sections.keys()]).toEqual(rules.map(({ alert }) => alert));
  for (const { alert, labels, annotations } of rules) {
    expect(annotations.runbook).toBe(`docs/operating.md#${alert.toLowerCase()}`);
    expect(['critical', 'warning']).toContain(labels.severity);
    for (const part of ['Means', 'Look at', 'Do']) expect(sections.get(alert)).toContain(`**${part}:**`);
  }
});
