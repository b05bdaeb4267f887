/** A gateway on loopback with open callers answers by its own names alone, so that no page can rebind one of its own. */
import { createConnection } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { useGateway } from '../use-gateway.ts';
import { endProcess, startGatewayProcess, type GatewayProcess } from '../gateway-process.ts';
import { exchange, livenessMs } from '../http-exchange.ts';
import { requestForms } from '../request-forms.ts';
import { customerRow } from '../world-of.ts';

let port: string;
const gateway = useGateway({
  world: { customers: [customerRow({ id: 'a' })], directory: [], tenants: {} },
  maxCacheBytes: 0,
  maxAnswerBytes: 0,
  hasMetrics: true,
});
beforeAll(() => {
  ({ port } = new URL(gateway.url));
});
afterEach(() => {
  expect(gateway.reported).toEqual([]);
  gateway.calls.length = 0;
});

const query = '{ customers { totalCount } }';
const fill = (host: string) => host.replace('PORT', port);

async function statusesOf(url: string, host: string): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (const { name, encode } of requestForms) {
    const encoded = encode({ query });
    if (encoded === null) throw new Error(`${name} can't express the query.`);
    const { status } = await exchange(url, {
      ...encoded,
      headers: { ...encoded.headers, host },
      setHost: false,
    });
    statuses[name] = status;
  }
  return statuses;
}

const all = (status: number) => Object.fromEntries(requestForms.map(({ name }) => [name, status]));

test.each([
  'localhost',
  'localhost:PORT',
  'LocalHost:PORT',
  '127.0.0.1',
  '127.0.0.1:PORT',
  '[::1]',
  '[::1]:PORT',
])('the host %s is answered', async (host) => {
  expect(await statusesOf(gateway.url, fill(host))).toEqual(all(200));
});

const foreignHosts = [
  ...['evil.example', 'evil.example:PORT', 'localhost.evil.com', 'localhost.evil.com:PORT', '127.0.0.1.evil'],
  ...['127.0.0.1.evil:PORT', 'evil.localhost.example', 'notlocalhost', '192.168.0.1', '10.0.0.1:PORT'],
  ...['169.254.169.254', '[::2]', '[fe80::1]:PORT', 'xn--lcalhost-1tb', 'rebind.example'],
];
const malformedHosts = [
  ...['localhost:PORT.evil.com', '[::1].evil.com', 'evil.com#', 'localhost@evil.com', 'evil.com/localhost'],
  ...['127.0.0.1@evil.com:PORT', 'localhost, evil.com', 'local host', 'localhost:x', '::1', '[::1', '[]', ''],
];

describe('refused with 421', () => {
  test.each(foreignHosts)('the host %s in each form', async (host) => {
    expect(await statusesOf(gateway.url, fill(host))).toEqual(all(421));
    expect(gateway.calls).toEqual([]);
  });

  test.each(['/graphql', '/metrics', '/', '/nothing'])('a foreign host that gets %s', async (target) => {
    for (const accept of ['text/html', 'application/json', '*/*']) {
      const headers = { host: fill('rebind.example:PORT'), accept };
      const { status, text } = await exchange(gateway.url, {
        method: 'GET',
        target,
        headers,
        setHost: false,
      });
      expect({ target, accept, status }).toEqual({ target, accept, status: 421 });
      expect(text).not.toContain('<script');
    }
  });

  test.each([
    ['/health/live', 'rebind.example', 200],
    ['/health/ready', '10.1.2.3:4000', 200],
    ['/metrics', '10.1.2.3:4000', 200],
    ['/metrics', '[fd00::1]:4000', 200],
    ['/metrics', 'rebind.example', 421],
  ])('not %s, if the host is %s: status %i', async (target, host, status) => {
    const answer = await exchange(gateway.url, { method: 'GET', target, headers: { host }, setHost: false });
    expect(answer.status).toBe(status);
  });

  test('a preflight of a foreign host', async () => {
    const headers = {
      host: 'rebind.example',
      origin: 'http://rebind.example',
      'access-control-request-method': 'POST',
    };
    const answer = await exchange(gateway.url, { method: 'OPTIONS', headers, setHost: false });
    expect(answer.status).toBe(421);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

test.each(malformedHosts)('the malformed host "%s" is refused with 400 in each form', async (host) => {
  expect(await statusesOf(gateway.url, fill(host))).toEqual(all(400));
  expect(gateway.calls).toEqual([]);
});

/** The status of a request whose bytes are written as they are; for what no client sends. */
function statusOfBytes(bytes: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port), '127.0.0.1', () => socket.end(bytes));
    let text = '';
    socket.setTimeout(livenessMs, () => {
      reject(new Error(`No answer to ${JSON.stringify(bytes)}`));
      socket.destroy();
    });
    socket.on('data', (data: Buffer) => (text += data.toString()));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]));
    });
  });
}

describe('refused and never executed', () => {
  const path = `/graphql?query=${encodeURIComponent(query)}`;
  const tail = 'apollo-require-preflight: yes\r\nconnection: close\r\n\r\n';

  test.each([
    ['no host', 400, `GET ${path} HTTP/1.1\r\n${tail}`],
    ['an empty host', 400, `GET ${path} HTTP/1.1\r\nhost:\r\n${tail}`],
    ['a host of a colon', 400, `GET ${path} HTTP/1.1\r\nhost: :\r\n${tail}`],
    ['two hosts', 400, `GET ${path} HTTP/1.1\r\nhost: localhost\r\nHost: evil.example\r\n${tail}`],
    ['the same host twice', 400, `GET ${path} HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n${tail}`],
    ['two hosts for a health check', 400, `GET /health/live HTTP/1.1\r\nhost: a\r\nhost: b\r\n${tail}`],
    ['HTTP/1.0 with two hosts', 400, `GET ${path} HTTP/1.0\r\nhost: localhost\r\nhost: localhost\r\n${tail}`],
    ['HTTP/1.0 without a host', 421, `GET ${path} HTTP/1.0\r\n${tail}`],
    [
      'a foreign host in the request target',
      421,
      `GET http://evil.example${path} HTTP/1.1\r\nhost: localhost\r\n${tail}`,
    ],
    [
      'a foreign host in the header alone',
      421,
      `GET http://localhost${path} HTTP/1.1\r\nhost: evil.example\r\n${tail}`,
    ],
    [
      'a user in the request target',
      421,
      `GET http://localhost@evil.example${path} HTTP/1.1\r\nhost: localhost\r\n${tail}`,
    ],
    ['HTTP/1.0 with a foreign host', 421, `GET ${path} HTTP/1.0\r\nhost: evil.example\r\n${tail}`],
  ])('%s', async (_name, status, bytes) => {
    expect(await statusOfBytes(bytes)).toBe(status);
    expect(gateway.calls).toEqual([]);
  });
});

test('ALLOWED_HOSTS names further hosts', async () => {
  let named: GatewayProcess | undefined;
  try {
    named = await startGatewayProcess(null, { ALLOWED_HOSTS: 'gateway.example, other.example' });
    for (const host of [
      'gateway.example',
      'gateway.example:4000',
      'GATEWAY.example',
      'other.example',
      'localhost',
    ]) {
      expect({ host, ...(await statusesOf(named.url, host)) }).toEqual({ host, ...all(200) });
    }
    for (const host of ['rebind.example', 'gateway.example.evil.com', 'x.gateway.example']) {
      expect({ host, ...(await statusesOf(named.url, host)) }).toEqual({ host, ...all(421) });
    }
  } finally {
    await endProcess(named);
  }
});
