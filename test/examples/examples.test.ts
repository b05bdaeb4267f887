/** The examples as they are run by hand. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createGeneratedWorld } from '../../src/simulator/generated-world.ts';
import { useGateway } from '../use-gateway.ts';
import { processesFor, type Processes } from './processes.ts';

const world = createGeneratedWorld({ seed: 3, customers: 40, tenantsPerCustomer: 2, usersPerTenant: 60 });

let url: string;
let run: Processes['run'];
let start: Processes['start'];
const gateway = useGateway({ world });
beforeAll(() => {
  url = `${gateway.url}/graphql`;
  ({ run, start } = processesFor(url));
});

test('curl', async () => {
  const [, query = '', , ...rest] = await run('examples/curl.sh', []);
  expect(JSON.parse(query)).toMatchObject({ data: { customers: { totalCount: 40 } } });
  const text = rest.join('\n').toLowerCase();
  expect(text).toMatch(/^http\/1.1 200 ok/);
  expect(text).toMatch(/etag: w\//);
  expect(text).toMatch(/cache-control: private, max-age=\d+/);
  expect(text).toMatch(/"upstream":\{"calls":1,/);
  expect(JSON.parse(rest.at(-1)?.replace('data: ', '') ?? '')).toMatchObject({
    data: { protectionReport: { totals: { coverage: expect.any(Number) } } },
  });
});

test('pagination with urql', async () => {
  const lines = await run(process.execPath, ['examples/pagination.js', url]);
  expect(lines.map((line) => line.replace(/:.*/, ''))).toEqual(['15 of 40', '30 of 40', '40 of 40']);
});

test('a Node service', async () => {
  const { url: started, stop } = start(['examples/service/unprotected.js']);
  try {
    const service = (await started).replace(/\?.*/, '');
    const response = await fetch(`${service}?country=Japan`);
    const lines = (await response.text()).trim().split('\n');
    const japanese = Array.from({ length: world.customers.count }, (_, index) =>
      world.customers.at(index),
    ).filter(({ countryOrRegion }) => countryOrRegion === 'Japan');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(lines.length).toBeGreaterThan(3);
    for (const each of lines) {
      const { customer } = JSON.parse(each) as { customer: string };
      expect(japanese.map(({ organization }) => organization)).toContain(customer);
    }
    expect((await fetch(service.replace('unprotected', 'elsewhere'))).status).toBe(404);
  } finally {
    stop();
  }
});

describe('the examples', () => {
  test('of the client’s README say what the package says', async () => {
    const types = await run(process.execPath, [
      '-e',
      "import('elements-graph-client').then((it) => console.log(Object.keys(it).join('\\n')))",
    ]);
    expect(types).toEqual(
      expect.arrayContaining(['createClient', 'dataOf', 'UsersDocument', 'DashboardDocument']),
    );
  });
});
