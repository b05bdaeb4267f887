/** The lists of CONTRIBUTING.md, each followed in a copy of the project, which is then compiled, started and queried. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { hashKey } from '../../src/callers/api-keys.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import type { GraphQLAnswer } from '../gateway-under-test.ts';
import { devicePermission, startDeviceUpstream, type DeviceUpstream } from './device-upstream.ts';
import { Compiler } from './compiler.ts';
import { editsOf, ProjectCopy } from './edits.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
const additions = ['filter', 'argument', 'field', 'endpoint'] as const;

/** Paths that the list under a heading begins its items with. */
function listedPaths(heading: string): string[] {
  const [, section = ''] =
    new RegExp(`^### Add an? ${heading}\n([^]*?)(?=^##|$(?![^]))`, 'm').exec(page) ?? [];
  return [...section.matchAll(/^\d+\. `([^`]+)`: /gm)].map(([, path = '']) => path);
}

describe('the list of edits', () => {
  test.each(additions)('names the files that its example edits: %s', (addition) => {
    const paths = editsOf(addition).map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(1);
    expect(listedPaths(addition).toSorted()).toEqual(paths.toSorted());
  });
});

test('an endpoint takes at most eight files of src', () => {
  const ofSource = listedPaths('endpoint').filter((path) => path.startsWith('src/'));
  expect(ofSource.length).toBeGreaterThan(1);
  expect(ofSource.length).toBeLessThanOrEqual(8);
});

describe('a project with all four examples', () => {
  let copy: ProjectCopy;
  let compiler: Compiler;
  let complaints: string;
  beforeAll(async () => {
    copy = new ProjectCopy();
    for (const edit of additions.flatMap(editsOf)) copy.edit(edit);
    await copy.generate();
    compiler = new Compiler(copy.folder);
    complaints = compiler.checkAll();
  });
  afterAll(() => {
    copy.remove();
  });

  test('compiles, with its tests', () => {
    expect(complaints).toBe('');
  });

  test('passes the tests that its lists name, but for fields that the simulation lacks', async () => {
    const report = await copy.test([
      'test/config.test.ts',
      'test/endpoint/row.test.ts',
      'test/graph/id-arguments.test.ts',
      'test/graph/every-field.test.ts',
      'test/graph/schema.test.ts',
      'test/server/price.test.ts',
      'test/simulator',
      'test/reporting/summarize.test.ts',
    ]);
    expect(failuresOf(report).toSorted()).toEqual(
      ['Device', 'DeviceConnection', 'DeviceEdge', 'Tenant'].map(
        (type) => `every field of ${type} is filled somewhere`,
      ),
    );
  });

  describe('over an upstream with devices', () => {
    let upstream: DeviceUpstream;
    let gateway: GatewayProcess;
    beforeAll(async () => {
      upstream = await startDeviceUpstream(true);
      gateway = await start(upstream);
    });
    beforeEach(() => {
      upstream.calls.length = 0;
    });
    afterAll(async () => {
      await endProcess(gateway);
      await upstream.simulator.stop();
    });
    const ask = (query: string, key = 'all') => send(gateway, query, key);
    /** Names of the routes called, and their parameters. */
    const calls = () =>
      upstream.calls.map(({ path, query, body }) =>
        [path.split('/').at(-2), query.toString(), body].join(' '),
      );

    test('reads no more pages than a window needs, and none again', async () => {
      const query = `{ tenant(customerId: "c", tenantId: "t") { devices(first: 120) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { customerId deviceId name operatingSystem isCompliant tenant { tenantId } }
      } } }`;
      const answer = await ask(query);
      const { devices } = answer.data?.['tenant'] as {
        devices: { nodes: object[]; pageInfo: { endCursor: string } };
      };
      expect(devices).toMatchObject({ totalCount: 250, pageInfo: { hasNextPage: true } });
      expect(devices.nodes).toHaveLength(120);
      expect(devices.nodes[119]).toEqual({
        customerId: 'c',
        deviceId: 't-119',
        name: 'Device 119',
        operatingSystem: 'macOS',
        isCompliant: true,
        tenant: { tenantId: 't' },
      });
      expect(calls().toSorted()).toEqual([
        'devices pageIndex=1&pageSize=100 {}',
        'devices pageIndex=2&pageSize=100 {}',
      ]);
      expect(await ask(query)).toEqual(answer);
      expect(upstream.calls).toHaveLength(2);
      const next = `after: ${JSON.stringify(devices.pageInfo.endCursor)}`;
      expect(
        await ask(
          `{ tenant(customerId: "c", tenantId: "t") { devices(first: 1, ${next}) { nodes { deviceId } } } }`,
        ),
      ).toEqual({
        data: { tenant: { devices: { nodes: [{ deviceId: 't-120' }] } } },
      });
      expect(upstream.calls).toHaveLength(2);
    });

    test('looks devices up by their ids in one call', async () => {
      const query = `{ tenant(customerId: "d", tenantId: "u") {
        devices(deviceIds: ["u-249", "u-7", "U-7", "none"]) { totalCount nodes { deviceId name } }
      } }`;
      const answer = await ask(query);
      expect(answer).toEqual({
        data: {
          tenant: {
            devices: {
              totalCount: 2,
              nodes: [
                { deviceId: 'u-249', name: 'Device 249' },
                { deviceId: 'u-7', name: 'Device 7' },
              ],
            },
          },
        },
      });
      expect(calls()).toEqual(['devices pageIndex=1&pageSize=100 {"deviceIds":["none","u-249","u-7"]}']);
      expect(await ask(query)).toEqual(answer);
      expect(upstream.calls).toHaveLength(1);
    });

    test('filters and orders them', async () => {
      expect(
        await ask(`{ tenant(customerId: "c", tenantId: "t") {
          devices(filter: { isCompliant: false, search: "device", not: { operatingSystem: "macos" } }, orderBy: [NAME_DESC]) {
            nodes { name }
          }
        } }`),
      ).toEqual({
        data: {
          tenant: {
            devices: { nodes: [{ name: 'Device 200' }, { name: 'Device 100' }, { name: 'Device 0' }] },
          },
        },
      });
    });

    test('shows a restricted caller no devices of others, and reads none for it', async () => {
      const devices = 'devices(first: 1) { totalCount nodes { deviceId } }';
      const ofTenant = (customer: string, tenant: string) =>
        `tenant(customerId: "${customer}", tenantId: "${tenant}") { ${devices} }`;
      expect(
        await ask(
          `{ own: ${ofTenant('d', 'u')} other: ${ofTenant('c', 't')} mixed: ${ofTenant('d', 't')}
             customers { nodes { tenants { ${devices} } } } }`,
          'only-d',
        ),
      ).toEqual({
        data: {
          own: { devices: { totalCount: 250, nodes: [{ deviceId: 'u-0' }] } },
          other: null,
          mixed: null,
          customers: {
            nodes: [{ tenants: [{ devices: { totalCount: 250, nodes: [{ deviceId: 'u-0' }] } }] }],
          },
        },
      });
      expect(upstream.calls.filter(({ path }) => path.includes('/t/'))).toEqual([]);
      expect(upstream.calls.some(({ path }) => path.endsWith('/u/devices/batch'))).toBe(true);
    });

    test('refuses more rows than an operation may have, before a call', async () => {
      const devices = Array.from(
        { length: 60 },
        (_, index) => `a${index}: devices(first: 1000) { nodes { name } }`,
      );
      const { data, errors } = await ask(
        `{ tenant(customerId: "c", tenantId: "t") { ${devices.join(' ')} } }`,
      );
      expect(data ?? null).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }]);
      expect(upstream.calls).toEqual([]);
    });

    test('has the filter, the argument and the field', async () => {
      expect(
        await ask(`{
          tenant(customerId: "c", tenantId: "t") {
            users(filter: { lastName: "NOVAK" }) { nodes { userId businessPhone } }
          }
          directory(search: "foods") { organization }
        }`),
      ).toEqual({
        data: {
          tenant: { users: { nodes: [{ userId: 'a', businessPhone: '+386 1 234' }] } },
          directory: [{ organization: 'Alpine Foods' }],
        },
      });
    });
  });

  test('fails in the fields of a permission alone that the identity service does not grant', async () => {
    const upstream = await startDeviceUpstream(false);
    let gateway: GatewayProcess | undefined;
    try {
      gateway = await start(upstream);
      const { data, errors } = await send(
        gateway,
        '{ tenant(customerId: "c", tenantId: "t") { name devices { totalCount } users { totalCount } } }',
        'all',
      );
      expect(data).toEqual({ tenant: { name: 'Tenant', devices: null, users: { totalCount: 2 } } });
      expect(errors).toEqual([
        expect.objectContaining({
          path: ['tenant', 'devices'],
          message: expect.stringContaining(devicePermission),
          extensions: expect.objectContaining({ code: 'UPSTREAM_FORBIDDEN' }),
        }),
      ]);
      expect(upstream.calls.filter(({ path }) => path.includes('/devices/'))).toEqual([]);
    } finally {
      await endProcess(gateway);
      await upstream.simulator.stop();
    }
  });

  test('fails in the same way over the embedded simulation, which has no devices', async () => {
    const gateway = await startGatewayProcess(null, { SIMULATOR_LATENCY_MS: '0' }, copy.folder);
    try {
      const { data, errors = [] } = await send(
        gateway,
        '{ customers(first: 3) { nodes { tenants { devices { totalCount } users { totalCount } } } } }',
        'none',
      );
      const customers = data?.['customers'] as { nodes: { tenants: { devices: null; users: object }[] }[] };
      const tenants = customers.nodes.flatMap((customer) => customer.tenants);
      expect(tenants.length).toBeGreaterThan(0);
      expect(tenants).toEqual(
        tenants.map(() => ({ devices: null, users: { totalCount: expect.any(Number) } })),
      );
      expect(new Set(errors.map(({ message }) => message.includes(devicePermission)))).toEqual(
        new Set([true]),
      );
    } finally {
      await endProcess(gateway);
    }
  });

  function start({ simulator }: DeviceUpstream): Promise<GatewayProcess> {
    const keysFile = join(copy.folder, 'keys.json');
    const keys = [
      { name: 'all', sha256: hashKey('all'), customers: 'all' },
      { name: 'only-d', sha256: hashKey('only-d'), customers: ['d'] },
    ];
    writeFileSync(keysFile, JSON.stringify({ keys }));
    const settings = {
      CALLERS: '',
      CALLERS_KEYS_FILE: keysFile,
      // So that what is cached is rows.
      CACHE_ANSWERS_MEBIBYTES: '0',
      CACHE_TTL_DEVICES_SECONDS: '86400',
      LOG_LEVEL: 'info',
    };
    return startGatewayProcess(simulator, settings, copy.folder);
  }

  // Each leaves out edits that don't depend on each other.
  test.each([
    [
      'filter/src/graph/user-filter.ts, field/src/endpoint/users.ts and endpoint/src/graph/tenant.ts',
      {
        'src/graph/user-filter.ts': "'lastName' is missing",
        'src/endpoint/users.ts': "'businessPhone' is missing",
        'src/graph/resolvers.ts': 'Tenant.devices',
      },
    ],
    [
      'field/src/model.ts and endpoint/src/endpoint/collections.ts',
      {
        'src/endpoint/users.ts': "'businessPhone' does not exist",
        'src/graph/tenant.ts': "'devices' does not exist",
      },
    ],
    [
      'filter/test/graph/naive-queries.ts, field/src/simulator/generated-world.ts and field/test/world-of.ts',
      {
        'test/graph/naive-queries.ts': "'lastName' is missing",
        'src/simulator/generated-world.ts': "'businessPhone' is missing",
        'test/world-of.ts': "'businessPhone' is optional",
      },
    ],
  ])('does not compile without %s', (names, complaintsByPath) => {
    const leftOut = names.split(/, | and /);
    const whole = new Map<string, string>();
    try {
      for (const path of new Set(leftOut.map((name) => name.replace(/^\w+\//, '')))) {
        whole.set(path, copy.read(path) ?? '');
        const edits = additions
          .filter((addition) => !leftOut.includes(`${addition}/${path}`))
          .flatMap(editsOf)
          .filter((edit) => edit.path === path);
        const before = readFileSync(join(root, path), 'utf8');
        copy.write(
          path,
          edits.reduce((text, { apply }) => apply(text), before),
        );
      }
      for (const [path, complaint] of Object.entries(complaintsByPath))
        expect(compiler.check(path)).toContain(complaint);
    } finally {
      for (const [path, text] of whole) copy.write(path, text);
    }
  });
});

/** Titles of the tests that failed, by jest's report; what it says instead of a file or of all, if it could not run them. */
function failuresOf(report: string): string[] {
  if (!report.startsWith('{')) return [report];
  const { testResults } = JSON.parse(report) as JestReport;
  return testResults.flatMap(({ assertionResults, message }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    return assertionResults.length === 0 ? [message] : failed.map(({ fullName }) => fullName);
  });
}

interface JestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

async function send(
  { url }: GatewayProcess,
  query: string,
  key: string,
): Promise<GraphQLAnswer<Record<string, unknown>>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as GraphQLAnswer<Record<string, unknown>>;
}
