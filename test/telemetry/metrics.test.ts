import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { useGateways } from '../use-gateway.ts';
import { until } from '../until.ts';
import { customerRow, type WorldData } from '../world-of.ts';

const world: WorldData = { customers: [customerRow({ id: 'a' })], directory: [], tenants: {} };

const start = useGateways({ world });

/** By name and labels, as Prometheus's text format writes them. */
async function figures({ url }: { readonly url: string }): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

const customers = 'POST /partner/external/v3/general/customers/batch';
const directory = 'GET /partner/customers';

test('metrics count operations, the sources of their answers, and calls', async () => {
  let fails = false;
  const gateway = await start({
    hasMetrics: true,
    maxAnswerBytes: 1024 * 1024,
    intercept: () => (fails ? { status: 500, body: '' } : undefined),
  });
  const before = await figures(gateway);
  expect(before.get('elements_graph_requests_in_flight')).toBe(0);
  expect(before.get('elements_graph_upstream_concurrency_limit{profile=""}')).toBe(32);
  expect(before.has('elements_graph_redis_up')).toBe(false);
  expect(before.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);

  const question = 'query Secret_name { customers { nodes { customerId } } }';
  await gateway.queryText(question);
  await gateway.queryText(question);
  await gateway.queryText(question);
  await gateway.queryText('{ nothing }');
  fails = true;
  for (let call = 0; call < 12; call++) {
    await gateway.queryText('{ directory { customerId } }', {}, { headers: { 'cache-control': 'no-cache' } });
  }
  await until(() => gateway.audit.length === 16);
  const after = await figures(gateway);
  const of = (name: string) => after.get(`elements_graph_${name}`);
  expect(of('operations_total{kind="query",outcome="answered",source="executed"}')).toBe(2);
  expect(of('operations_total{kind="query",outcome="answered",source="cached"}')).toBe(1);
  expect(of('operations_total{kind="unknown",outcome="refused",source="executed"}')).toBe(1);
  expect(of('operations_total{kind="query",outcome="failed",source="executed"}')).toBeUndefined();
  expect(of('operations_total{kind="query",outcome="partial",source="executed"}')).toBe(12);
  expect(of('operation_duration_seconds_count{kind="query",source="cached"}')).toBe(1);
  expect(of('upstream_answers_total{source="cache"}')).toBe(1);
  expect(of(`upstream_calls_total{profile="",endpoint="${customers}",outcome="200"}`)).toBe(1);
  expect(of('upstream_calls_total{profile="",endpoint="POST token",outcome="200"}')).toBe(1);
  expect(of(`upstream_calls_total{profile="",endpoint="${directory}",outcome="500"}`)).toBeGreaterThan(3);
  expect(of(`upstream_call_duration_seconds_count{profile="",endpoint="${customers}"}`)).toBe(1);
  expect(of('cache_bytes')).toBeGreaterThan(100);
  expect(of('answer_cache_bytes')).toBeGreaterThan(100);
  // Nothing that a caller chose, and no customer.
  expect(JSON.stringify([...after.keys()])).not.toMatch(/Secret_name|"a"/);
});

test('an endpoint that is left alone has a figure until it works again', async () => {
  let fails = true;
  const gateway = await start({
    hasMetrics: true,
    intercept: ({ path }) => (fails && path !== '/connect/token' ? { status: 500, body: '' } : undefined),
  });
  const name = `elements_graph_circuit_open{profile="",endpoint="${customers}"}`;
  for (let call = 0; call < 40; call++) {
    await gateway.queryText(`{ customer(customerId: "absent-${call}") { customerId } }`);
  }
  expect((await figures(gateway)).get(name)).toBe(1);
  fails = false;
  const { queryText } = gateway;
  await until(
    async () => (await queryText('{ customer(customerId: "present") { customerId } }')).errors === undefined,
  );
  expect((await figures(gateway)).has(name)).toBe(false);
});

test('figures can be turned off', async () => {
  const gateway = await start();
  expect((await fetch(`${gateway.url}/metrics`)).status).toBe(404);
});

test('the dashboard asks for figures that there are', async () => {
  const gateway = await start({ hasMetrics: true });
  await gateway.queryText('{ customers { totalCount } }');
  await until(() => gateway.audit.length === 1);
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const names = new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const dashboard = readFileSync(new URL('../../deploy/grafana-dashboard.json', import.meta.url), 'utf8');
  const asked = [...dashboard.matchAll(/\b(?:elements_graph|nodejs|process)_[a-z0-9_]+/g)].map(
    ([name]) => name,
  );
  expect(asked.length).toBeGreaterThan(15);
  // Of a gateway with Redis alone.
  names.add('elements_graph_redis_up');
  expect(asked.filter((name) => !names.has(name))).toEqual([]);
});
